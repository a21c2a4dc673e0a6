// Who may see whom. The same table stands in AGENTS.md.
const MAY_SEE = {
  core: '',
  protocol: 'core',
  extension: 'core',
  config: 'core extension',
  storage: 'core config',
  pipeline: 'core extension',
  balancer: 'core extension',
  logging: 'core config extension pipeline',
  session: 'core protocol config storage',
  bridge: 'core protocol config storage session',
  upstream: 'core protocol extension config balancer outbound',
  routing: 'core protocol extension config pipeline upstream bridge',
  filters: 'core protocol extension config pipeline upstream',
  auth: 'core extension config storage pipeline outbound',
  tenancy: 'core extension config storage pipeline',
  limits: 'core extension config storage pipeline',
  audit: 'core extension config storage pipeline',
  pinning: 'core extension config storage pipeline upstream',
  cache: 'core protocol extension config storage pipeline',
  metrics: 'core extension config pipeline',
  tracing: 'core extension config pipeline',
  downstream: 'core protocol config session bridge routing auth',
  outbound: 'core config',
  health: 'core config',
  dashboard: 'core config auth',
  admin: 'core extension config storage auth tenancy',
  workers: 'core config logging',
};

const layers = Object.entries(MAY_SEE).map(([module, seen]) => ({
  name: `layer-${module}`,
  comment: `${module} may see: ${seen || 'nobody'}`,
  severity: 'error',
  from: { path: `^src/${module}/`, pathNot: '\\.spec\\.ts$' },
  to: { path: '^src/', pathNot: [module, ...seen.split(' ').filter(Boolean)].map((name) => `^src/${name}/`) },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'no-cycle',
      comment: 'With ESM and decorator metadata an import cycle is a crash, not a smell.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'front-door',
      comment: 'A module is entered through its index.ts. core/ is vocabulary and open to all.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/.+', pathNot: ['^src/$1/', '^src/core/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'front-door-from-the-top',
      severity: 'error',
      from: { path: '^src/[^/]+\\.ts$' },
      to: { path: '^src/[^/]+/.+', pathNot: ['^src/core/', '^src/[^/]+/index\\.ts$'] },
    },
    {
      name: 'sockets-and-processes',
      comment: 'Only the legs talk to the outside; everything else is pure or injected.',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: [
          '\\.spec\\.ts$',
          '^src/downstream/',
          '^src/upstream/(transports|probes)/',
          '^src/outbound/',
          '^src/workers/primary/',
        ],
      },
      to: {
        path: '^(node:)?(net|http|https|child_process)$|node_modules/(ws|undici)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-sdk',
      comment: 'The MCP SDKs are peers for tests and examples; the gateway relays bytes.',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { path: '@modelcontextprotocol/' },
    },
    {
      name: 'pure-core',
      comment: 'core/ and protocol/ know no framework, clock, socket or environment.',
      severity: 'error',
      from: { path: '^src/(core|protocol)/', pathNot: '\\.spec\\.ts$' },
      to: { path: '@nestjs/|rxjs|node_modules/(toml|class-)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.spec\\.ts$' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
