import { fileURLToPath } from 'node:url';

import { GUARDS } from '../bench/guards.ts';
import { OwnProcess } from '../test/support/own-process.ts';
import { startGateway } from '../test/support/quiet-gateway.ts';

// Starts the bundle once, with all that is usually on, so that what it compiles lies beside it when it is started in earnest.

delete process.env['NODE_COMPILE_CACHE'];

await using echo = new OwnProcess(fileURLToPath(new URL('../bench/echo-server.ts', import.meta.url)));
const { port } = JSON.parse(await echo.firstLine) as { port: number };
const gateway = await startGateway(`ws://127.0.0.1:${port}/mcp`, GUARDS);
await gateway[Symbol.asyncDispose]();
