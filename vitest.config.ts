import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

// Hundreds of processes load the same packages: what one has compiled the others need not. They inherit it, and so do
// the servers and gateways that tests start.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));

export default defineConfig({
  // Nest reads constructor types from decorator metadata.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    globals: true,
    setupFiles: ['test/support/setup.ts'],
    // Most of the time is spent waiting for other processes.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // Loading Nest anew for each of hundreds of files takes longer than running them. Those of logging replace
        // the output of the process, and have one to themselves.
        test: {
          name: 'units',
          include: ['src/**/*.spec.ts'],
          exclude: ['src/logging/**/*.spec.ts'],
          isolate: false,
        },
      },
      {
        extends: true,
        test: { name: 'whole', include: ['{test,examples,bench}/**/*.spec.ts', 'src/logging/**/*.spec.ts'] },
      },
    ],
  },
});
