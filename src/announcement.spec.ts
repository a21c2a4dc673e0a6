import { groupView, serverView } from '../test/support/surfaces.js';
import { summary } from './announcement.js';

const crm = groupView(
  'crm',
  serverView('crm-1', { transport: 'websocket' }),
  serverView('crm-2', { transport: 'websocket', state: { kind: 'down', since: 0, reason: 'refused' } }),
);

describe('the summary on a terminal', () => {
  const addresses = {
    mcp_http: 'http://h/mcp',
    mcp_websocket: 'ws://h/mcp',
    mcp_sse: 'http://h/sse',
    mcp_unix: undefined,
    admin: undefined,
    metrics: undefined,
  };

  it('names every group with the state of its servers', () => {
    const text = summary({ name: 'gw', version: '1.2.3' }, addresses, [crm]);

    expect(text).toContain('gw 1.2.3 is ready');
    expect(text).toMatch(/crm +round_robin +crm-1 up \(websocket\) +crm-2 down: refused \(websocket\)/);
  });

  it('says where each transport is found', () => {
    const text = summary({ name: 'gw', version: '1' }, { ...addresses, mcp_unix: 'unix:/run/mcp.sock' }, []);

    expect(text).toMatch(/MCP +http:\/\/h\/mcp +ws:\/\/h\/mcp\n +http:\/\/h\/sse +unix:\/run\/mcp.sock\n/);
  });

  it('leaves out what is not served', () => {
    const product = { name: 'gw', version: '1' };

    expect(summary(product, addresses, [])).not.toMatch(/admin|metrics|unix/);
    expect(summary(product, { ...addresses, admin: 'http://h/api/v1/status' }, [])).toMatch(/admin +http:\/\/h\/api/);
  });
});
