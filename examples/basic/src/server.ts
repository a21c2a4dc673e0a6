#!/usr/bin/env node
import { parseArgs } from 'node:util';

import { serveHttp } from './http.ts';
import { serveStdio } from './stdio.ts';

const { values } = parseArgs({ options: { http: { type: 'string' } } });

const stop =
  values.http === undefined
    ? await serveStdio()
    : await serveHttp({ port: Number(values.http), host: process.env['HOST'] ?? '127.0.0.1' });

process.once('SIGTERM', stop);
process.once('SIGINT', stop);
