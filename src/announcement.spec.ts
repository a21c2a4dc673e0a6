import { summary } from './announcement.js';
import type { GroupView, ServerView } from './core/views.js';

const server = (id: string, state: ServerView['state']): ServerView => ({
  id,
  group: 'crm',
  transport: 'websocket',
  address: 'ws://127.0.0.1:1/',
  weight: 100,
  state,
  breaker: { kind: 'closed' },
  peer: undefined,
  pending: 0,
  requests: 0,
  failures: 0,
  reconnects: 0,
});

const crm: GroupView = {
  name: 'crm',
  strategy: 'round_robin',
  prefix: 'crm',
  path: '/mcp/crm',
  servers: [server('crm-1', { kind: 'up', since: 0 }), server('crm-2', { kind: 'down', since: 0, reason: 'refused' })],
};

describe('the summary on a terminal', () => {
  const addresses = { mcp_http: 'http://h/mcp', mcp_websocket: 'ws://h/mcp', admin: undefined, metrics: undefined };

  it('names every group with the state of its servers', () => {
    const text = summary({ name: 'gw', version: '1.2.3' }, addresses, [crm]);

    expect(text).toContain('gw 1.2.3 is ready');
    expect(text).toMatch(/crm +round_robin +crm-1 up \(websocket\) +crm-2 down: refused \(websocket\)/);
  });

  it('leaves out what is not served', () => {
    const product = { name: 'gw', version: '1' };

    expect(summary(product, addresses, [])).not.toMatch(/admin|metrics/);
    expect(summary(product, { ...addresses, admin: 'http://h/api/v1/status' }, [])).toMatch(/admin +http:\/\/h\/api/);
  });
});
