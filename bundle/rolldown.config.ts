import { fileURLToPath } from 'node:url';

import { defineConfig, type Plugin } from 'rolldown';

/**
 * Makes what a package loads beside its imports visible. Terminus alone keeps it to itself: it would load Swagger to
 * describe what we do not let it describe.
 */
const requires: Plugin = {
  name: 'requires',
  transform: {
    filter: { id: { include: /node_modules/, exclude: /terminus/ }, code: /createRequire\(import\.meta\.url\)/ },
    handler: (code) => ({
      code: code
        .replace('const require = createRequire(import.meta.url);', '')
        .replaceAll('createRequire(import.meta.url)(', 'require('),
      // Every line stays where it was.
      map: null,
    }),
  },
};

/** Nest's own pipe, which we do not use, would load the whole of class-validator; our sections need a small part of it. */
const unvalidated: Plugin = {
  name: 'unvalidated',
  resolveId: {
    filter: { id: /^class-(validator|transformer)/ },
    handler: (id, importer) => (/@nestjs/.test(importer ?? '') ? { id, external: true } : undefined),
  },
};

/** Packages that are not installed, or that are not JavaScript. */
const EXTERNAL = [
  /^@nestjs\/microservices/,
  '@nestjs/platform-socket.io',
  /^@fastify\//,
  'bufferutil',
  'utf-8-validate',
];

/**
 * The built gateway and its dependencies in few files. CommonJS, because a built-in module that is imported rather than
 * required shows all it has, and `http` has a whole second undici (docs/adr/0034).
 */
export default defineConfig({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  input: { main: 'dist/main.js', 'bcrypt.worker': 'dist/auth/passwords/bcrypt.worker.js' },
  platform: 'node',
  external: EXTERNAL,
  // The same as modules: what is not used is left out.
  resolve: { alias: { 'class-validator': 'class-validator/esm5/index.js' } },
  plugins: [requires, unvalidated],
  // Of terminus again, which looks for packages that it does not need.
  checks: { emptyImportMeta: false },
  output: {
    dir: 'dist/bundle',
    cleanDir: true,
    format: 'cjs',
    entryFileNames: '[name].cjs',
    chunkFileNames: '[name]-[hash].cjs',
    keepNames: true,
    minify: true,
    comments: false,
    // V8 keeps the source, in two bytes a character as soon as there is one that is not ASCII.
    charset: 'ascii',
    sourcemap: true,
  },
});
