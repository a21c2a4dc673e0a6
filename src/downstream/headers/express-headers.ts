import type { INestApplication } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';

import { SecurityHeaders } from './security-headers.js';

/** What helmet does beyond the headers that the configuration speaks of. */
const FURTHER = helmet({
  contentSecurityPolicy: false,
  strictTransportSecurity: false,
  referrerPolicy: false,
  xContentTypeOptions: false,
  xFrameOptions: false,
});

/** Gives the answers of Express the same headers as those of the MCP endpoints, and those of helmet. */
export function useSecurityHeaders(app: Pick<INestApplication, 'get' | 'use'>): void {
  const headers = app.get(SecurityHeaders);
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (!headers.enabled) return next();
    const fixed = headers.of(request);
    for (let index = 0; index < fixed.length; index += 2) response.setHeader(fixed[index]!, fixed[index + 1]!);
    FURTHER(request, response, next);
  });
}
