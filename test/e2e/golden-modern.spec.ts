import { expanded } from '../support/golden-macros.ts';
import { DUPLEX, ModernStage, playModern } from '../support/golden-modern-stage.ts';
import { MODERN } from '../support/modern.ts';
import { endpointAt } from '../support/raw-clients.ts';
import { CALLS } from './golden-modern/calls.ts';
import { HEADERS } from './golden-modern/headers.ts';
import { OPENINGS } from './golden-modern/openings.ts';
import { REFUSED, TAKEN } from './golden-modern/refusals.ts';
import { listening, OF, STANDING } from './golden-modern/standing.ts';

/** Exchanges as the specification wants them, on the wire of the running gateway: status, headers, id, code, data. */
describe('to a modern client, on the wire', () => {
  let stage: ModernStage;

  beforeAll(async () => {
    stage = await ModernStage.start();
  });

  afterAll(() => stage?.stop());

  playModern([...OPENINGS, ...CALLS, ...HEADERS, ...REFUSED, ...TAKEN, ...STANDING], () => stage);

  it('what nobody here knows goes to the server and back byte for byte', async () => {
    const kept = '"example.com/cost":{ "n":1.0, "é\\u00e9":[1e2 ,null] }';
    const params = `"arguments": {"q" : "a"},"x":[ 1.50 ]`;
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find",${params},@E}}`;
    const said = expanded(body).replace('"_meta":{', `"_meta":{${kept},`);
    await stage.asking(['tools/call'], async () => {
      const headers = { 'mcp-protocol-version': MODERN, 'mcp-method': 'tools/call', 'mcp-name': 'crm__find' };
      const answered = endpointAt(stage.gateway.url).post(said, headers);
      const asked = await stage.crm.next('tools/call');
      expect(asked.text).toContain(kept);
      expect(asked.text).toContain(params);
      asked.reply(`{"resultType":"complete","content":[],"n": 1.0,"_meta":{${kept}}}`);
      const { text } = await answered;
      expect(text).toContain(kept);
      expect(text).toContain('"n": 1.0');
    });
  });

  it.each(
    [undefined, ...DUPLEX].map((transport, index) => ({
      transport,
      over: transport ?? 'streamable_http',
      row: index + 1,
    })),
  )('G27: listen: ack first, then tagged notifications (over $over)', ({ transport, row }) =>
    stage.play(listening(row), transport),
  );

  it('G85: MCP Apps link keeps the ui scheme in both metadata spellings', async () => {
    const chart = (prefix: string): string =>
      `"inputSchema":{"type":"object"},"_meta":{"ui":{"resourceUri":"ui://${prefix}chart"},"ui/resourceUri":"ui://${prefix}chart"}`;
    await stage.play({
      name: 'a list with an app, and the app',
      asked: ['tools/list', 'resources/read'],
      lines: `
C> [M subscriptions/listen] {"jsonrpc":"2.0","id":"L1","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true},@E}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true},${OF('"L1"')}}}
U< [listen] {"method":"notifications/tools/list_changed"}
G> [M tools/list] {"jsonrpc":"2.0","id":"«u»","method":"tools/list","params":{"_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«u»","result":{"resultType":"complete","tools":[{"name":"chart",${chart('')}}],"ttlMs":0,"cacheScope":"public"}}
G< [sse] {"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{${OF('"L1"')}}}
C> [M tools/list] {"jsonrpc":"2.0","id":86,"method":"tools/list","params":{@E}}
G> [M tools/list] {"jsonrpc":"2.0","id":"«u2»","method":"tools/list","params":{"_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«u2»","result":{"resultType":"complete","tools":[{"name":"chart",${chart('')}}],"ttlMs":0,"cacheScope":"public"}}
G< [200] {"jsonrpc":"2.0","id":86,"result":{"resultType":"complete","tools":[{"name":"crm__chart",${chart('crm/')}}],"ttlMs":0,"cacheScope":"private",@S}}
C> [M resources/read ui://crm/chart] {"jsonrpc":"2.0","id":87,"method":"resources/read","params":{"uri":"ui://crm/chart",@E}}
G> [M resources/read ui://chart] {"jsonrpc":"2.0","id":"«r»","method":"resources/read","params":{"uri":"ui://chart","_meta":"«m»"}}
U< [200] {"jsonrpc":"2.0","id":"«r»","result":{"resultType":"complete","contents":[{"uri":"ui://chart","mimeType":"text/html","text":"<p>"}],"ttlMs":1000,"cacheScope":"public"}}
G< [200] {"jsonrpc":"2.0","id":87,"result":{"resultType":"complete","contents":[{"uri":"ui://crm/chart","mimeType":"text/html","text":"<p>"}],"ttlMs":1000,"cacheScope":"private",@S}}
`,
    });
  });

  it('G84: lists fail open: one of two upstreams is down', async () => {
    await stage.loseCrm();
    await stage.play({
      name: 'a list without crm',
      lines: `
C> [M prompts/list] {"jsonrpc":"2.0","id":85,"method":"prompts/list","params":{@E}}
G< [200] {"jsonrpc":"2.0","id":85,"result":{"resultType":"complete","prompts":[{"name":"wiki__summarise"},{"name":"wiki__caf_"}],"ttlMs":0,"cacheScope":"private",@S+{"mcp-gateway/degraded":["crm"]}}}
`,
    });
  });

  it('G27: a listen ends in order when the gateway stops', async () => {
    await stage.play({
      name: 'the end of a listen',
      lines: `
C> [M /mcp/wiki subscriptions/listen] {"jsonrpc":"2.0","id":"L1","method":"subscriptions/listen","params":{"notifications":{"promptsListChanged":true},@E}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"promptsListChanged":true},${OF('"L1"')}}}
C> [stop] ∅
G< [sse] {"jsonrpc":"2.0","id":"L1","result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/subscriptionId":"L1","io.modelcontextprotocol/serverInfo":{"name":"gw","version":"«version»"}}}}
G< [sse] ends
`,
    });
  });
});
