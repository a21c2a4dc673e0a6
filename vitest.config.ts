import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Nest reads constructor types from decorator metadata.
  oxc: { decorator: { legacy: true, emitDecoratorMetadata: true } },
  test: {
    globals: true,
    include: ['src/**/*.spec.ts', 'test/**/*.spec.ts', 'examples/**/*.spec.ts', 'bench/**/*.spec.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Most of the time is spent waiting for other processes.
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
