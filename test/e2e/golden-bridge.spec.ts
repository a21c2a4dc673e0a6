import { randomBytes } from 'node:crypto';

import { EPHEMERAL, startGateway } from '../support/gateway.ts';
import { BridgeStage, onWire } from '../support/golden-bridge.ts';
import { DUPLEX } from '../support/golden-stage.ts';
import { askModern } from '../support/modern-raw-clients.ts';
import { modern } from '../support/modern.ts';
import { endpointAt, type Json } from '../support/raw-clients.ts';
import { ScriptedModern } from '../support/scripted-modern.ts';

const KEY = randomBytes(32).toString('base64');

const YES = '{"type":"object","properties":{"yes":{"type":"boolean"}}}';
const SURE = `{"ok":{"method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}}`;
const ACCEPTED = '{"ok":{"action":"accept","content":{"yes":true}}}';
const KEPT = { ttlMs: 60_000, cacheScope: 'private' };

const TOOLS = ['find', 'merge'].map((name) => ({ name, inputSchema: { type: 'object' } }));

const CALLED = `
C> [M tools/call crm__find] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{"q":"ada"},@E+{"progressToken":0}}}
G> [M tools/call find] {"jsonrpc":"2.0","id":"«id»","method":"tools/call","params":{"name":"find","arguments":{"q":"ada"},@E+{"progressToken":"«token»"}}}
U< [200 sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":0,"progress":1}}
U< [sse] {"jsonrpc":"2.0","id":"«id»","result":{"resultType":"complete","content":[{"type":"resource_link","uri":"db://row/1","name":"Ada"}],"x-vendor":{"cost":3}}}
G< [sse] {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[{"type":"resource_link","uri":"crm+db://row/1","name":"Ada"}],"x-vendor":{"cost":3},@S}}
`;

/** What the server asks the client is asked, with a state of ours, and what is brought back comes to the server. */
const asking = (method: string, ours: string, theirs: string, result: string): string => `
C> [M ${method} ${named(ours)}] {"jsonrpc":"2.0","id":"a","method":"${method}","params":{${ours},@F+{"clientInfo":{"name":"ide","version":"3"}}}}
G> [M ${method} ${named(theirs)}] {"jsonrpc":"2.0","id":"«1»","method":"${method}","params":{${theirs},@F+{"clientInfo":{"name":"ide","version":"3"}}}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":${SURE},"requestState":"u-state"}}
G< [200] {"jsonrpc":"2.0","id":"a","result":{"resultType":"input_required","inputRequests":${SURE},"requestState":"«ours»",@S}}
C> [M ${method} ${named(ours)}] {"jsonrpc":"2.0","id":"b","method":"${method}","params":{${ours},"inputResponses":${ACCEPTED},"requestState":"«ours»",@F+{"clientInfo":{"name":"ide","version":"3"}}}}
G> [M ${method} ${named(theirs)}] {"jsonrpc":"2.0","id":"«2»","method":"${method}","params":{${theirs},"inputResponses":${ACCEPTED},"requestState":"u-state",@F+{"clientInfo":{"name":"ide","version":"3"}}}}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete",${result}}}
G< [200] {"jsonrpc":"2.0","id":"b","result":{"resultType":"complete",${result},@S}}
`;

/** The first text in params: what they are about. */
function named(params: string): string {
  return /":"([^"]+)"/.exec(params)![1]!;
}

const ASKING = [
  ['tools/call', '"name":"crm__merge","arguments":{"a":1}', '"name":"merge","arguments":{"a":1}', '"content":[]'],
  ['prompts/get', '"name":"crm__brief"', '"name":"brief"', '"messages":[]'],
] as const;

/** Exchanges of modern clients with a modern server, on the wire of both legs. */
describe('a modern client in front of a modern server', () => {
  let stage: BridgeStage;

  beforeAll(async () => {
    stage = await BridgeStage.of({
      modern: {
        capabilities: { tools: {}, prompts: {}, resources: {} },
        answers: {
          'tools/list': { tools: TOOLS, ...KEPT },
          'prompts/list': { prompts: [{ name: 'brief' }], ...KEPT },
          'resources/list': { resources: [{ uri: 'db://row/1', name: 'r1' }], ...KEPT },
          'resources/templates/list': { resourceTemplates: [], ...KEPT },
        },
      },
      legacy: {
        kind: 'http',
        capabilities: { resources: {} },
        answers: {
          'resources/list': '{"resources":[{"uri":"db://row/9","name":"r9"}]}',
          'resources/templates/list': '{"resourceTemplates":[]}',
        },
      },
    });
  });

  afterAll(() => stage?.stop());

  it('calls: its own name, headers, envelope, id and token on each leg (G60)', () => stage.play(CALLED));

  it.each(DUPLEX)('calls over %s as well (G60)', (transport) => stage.play(onWire(CALLED), { transport }));

  it.each(ASKING)('brings back what a server wants to know first: %s', (...of) => stage.play(asking(...of)));

  it.each(DUPLEX)('brings back what a server wants to know first, over %s', (transport) =>
    stage.play(onWire(asking(...ASKING[0])), { transport }),
  );

  it('is asked before it may read, and keeps nothing of what it read then', () =>
    stage.play(`
C> [M resources/read crm+db://row/1] {"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"crm+db://row/1",@F}}
G> [M resources/read db://row/1] {"jsonrpc":"2.0","id":"«1»","method":"resources/read","params":{"uri":"db://row/1",@F}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":${SURE}}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":${SURE},@S}}
C> [M resources/read crm+db://row/1] {"jsonrpc":"2.0","id":2,"method":"resources/read","params":{"uri":"crm+db://row/1","inputResponses":${ACCEPTED},@F}}
G> [M resources/read db://row/1] {"jsonrpc":"2.0","id":"«2»","method":"resources/read","params":{"uri":"db://row/1","inputResponses":${ACCEPTED},@F}}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","contents":[{"uri":"db://row/1","text":"Ada"}],"ttlMs":5000,"cacheScope":"public"}}
G< [200] {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","contents":[{"uri":"crm+db://row/1","text":"Ada"}],"ttlMs":0,"cacheScope":"private",@S}}
`));

  it('is handed a state alone where the server wants nothing else', () =>
    stage.play(`
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{},@E}}
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"merge","arguments":{},@E}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","requestState":"half done"}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","requestState":"«ours»",@S}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__merge","arguments":{},"requestState":"«ours»",@E}}
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«2»","method":"tools/call","params":{"name":"merge","arguments":{},"requestState":"half done",@E}}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","content":[]}}
G< [200] {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete","content":[],@S}}
`));

  it('cannot bring a state to another tool, with other arguments, or changed', () =>
    stage.play(`
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1},@F}}
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"merge","arguments":{"a":1},@F}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":${SURE},"requestState":"u-state"}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":${SURE},"requestState":"«ours»",@S}}
C> [M tools/call crm__find] {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"crm__find","arguments":{"a":1},"inputResponses":${ACCEPTED},"requestState":"«ours»",@F}}
G< [200] {"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"Invalid requestState","data":{"reason":"state_invalid"}}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":2},"inputResponses":${ACCEPTED},"requestState":"«ours»",@F}}
G< [200] {"jsonrpc":"2.0","id":3,"error":{"code":-32602,"message":"Invalid requestState","data":{"reason":"state_invalid"}}}
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1},"inputResponses":${ACCEPTED},"requestState":"u-state",@F}}
G< [200] {"jsonrpc":"2.0","id":4,"error":{"code":-32602,"message":"Invalid requestState","data":{"reason":"state_invalid"}}}
`));

  it('is told which capability a server needs of it', () =>
    stage.play(`
C> [M tools/call crm__merge] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{},@E}}
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"merge","arguments":{},@E}}
U< [400] {"jsonrpc":"2.0","id":"«1»","error":{"code":-32021,"message":"needs elicitation","data":{"requiredCapabilities":{"elicitation":{"form":{}}}}}}
G< [400] {"jsonrpc":"2.0","id":1,"error":{"code":-32021,"message":"needs elicitation","data":{"requiredCapabilities":{"elicitation":{"form":{}}}}}}
`));

  it('closes its response, and the server hears of it', () =>
    stage.play(`
C> [M tools/call crm__find as a] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{},@E}}
G> [M tools/call find] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"find","arguments":{},@E}}
C> [drop a] ∅
G> [leaves] ∅
C> [M tools/call crm__find as b] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{},@E+{"progressToken":"p"}}}
G> [M tools/call find] {"jsonrpc":"2.0","id":"«2»","method":"tools/call","params":{"name":"find","arguments":{},@E+{"progressToken":"«token»"}}}
U< [200 sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1}}
G< [200 sse b] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}
C> [drop b] ∅
G> [leaves] ∅
`));

  it('goes on with a cursor of one server, though it is empty, and with the next server after it (G72)', () =>
    stage.play(
      `
C> [M resources/list] {"jsonrpc":"2.0","id":65,"method":"resources/list","params":{@E}}
G> [M resources/list] {"jsonrpc":"2.0","id":"«1»","method":"resources/list","params":{@E}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"complete","resources":[{"uri":"db://row/1","name":"r1"}],"nextCursor":"","ttlMs":1000,"cacheScope":"public"}}
G< [200] {"jsonrpc":"2.0","id":65,"result":{"resultType":"complete","resources":[{"uri":"crm+db://row/1","name":"r1"}],"nextCursor":"«cursor»","ttlMs":"«1..1000»","cacheScope":"private",@S}}
C> [M resources/list] {"jsonrpc":"2.0","id":66,"method":"resources/list","params":{"cursor":"«cursor»",@E}}
G> [M resources/list] {"jsonrpc":"2.0","id":"«2»","method":"resources/list","params":{"cursor":"",@E}}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","resources":[{"uri":"db://row/2","name":"r2"}],"ttlMs":1000,"cacheScope":"public"}}
G< [200] {"jsonrpc":"2.0","id":66,"result":{"resultType":"complete","resources":[{"uri":"crm+db://row/2","name":"r2"},{"uri":"old+db://row/9","name":"r9"}],"ttlMs":0,"cacheScope":"private",@S}}
`,
      { asked: ['resources/list'] },
    ));

  it('is not the one to notice that the headers of a tool have changed (G78)', () =>
    stage.play(
      `
C> [M tools/call crm__find] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__find","arguments":{"region":"eu"},@E}}
G> [M tools/call find] {"jsonrpc":"2.0","id":"«7020»","method":"tools/call","params":{"name":"find","arguments":{"region":"eu"},@E}}
U< [400] {"jsonrpc":"2.0","id":"«7020»","error":{"code":-32020,"message":"Missing header Mcp-Param-Region"}}
G> [M tools/list] {"jsonrpc":"2.0","id":"«7021»","method":"tools/list","params":{@E+{"clientInfo":"«who lists»"}}}
U< [200] {"jsonrpc":"2.0","id":"«7021»","result":{"resultType":"complete","tools":[{"name":"find","inputSchema":{"type":"object","properties":{"region":{"type":"string","x-mcp-header":"Region"}}}}],"ttlMs":0,"cacheScope":"public"}}
G> [M tools/call find | Mcp-Param-Region: eu] {"jsonrpc":"2.0","id":"«7022»","method":"tools/call","params":{"name":"find","arguments":{"region":"eu"},@E}}
U< [200] {"jsonrpc":"2.0","id":"«7022»","result":{"resultType":"complete","content":[]}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","content":[],@S}}
`,
      { asked: ['tools/list'] },
    ));

  it('hears with an error under HTTP 200 that a server is away (G71)', async () => {
    await stage.modern![Symbol.asyncDispose]();
    await stage.play(`
C> [M tools/call crm__find] {"jsonrpc":"2.0","id":64,"method":"tools/call","params":{"name":"crm__find","arguments":{"q":"x"},@E+{"progressToken":"p"}}}
G< [200] {"jsonrpc":"2.0","id":64,"error":{"code":-32603,"message":"Upstream unavailable","data":{"reason":"upstream_unavailable"}}}
`);
  });
});

/** Two processes that share nothing but their keys. */
describe('a question of a modern server', () => {
  it('is brought back by way of another process', async () => {
    await using crm = await ScriptedModern.start();
    crm.on('tools/list', (asked) => asked.reply({ tools: TOOLS, ...KEPT }));
    const inputRequests = JSON.parse(SURE) as Json;
    crm.on('tools/call', (asked) => {
      const { inputResponses, requestState } = asked.params;
      if (requestState === undefined) asked.reply({ resultType: 'input_required', inputRequests, requestState: 's' });
      else asked.reply({ content: [], saw: { inputResponses, requestState } });
    });
    const toml = `${EPHEMERAL}[session]\nkeys = ["${KEY}"]\n[[upstream.groups.crm.servers]]\n${crm.toml}\n`;
    const gateways = await Promise.all([startGateway(toml), startGateway(toml)]);
    try {
      const [one, two] = await Promise.all(gateways.map(async (each) => endpointAt((await each.ready()).url)));
      const params = { name: 'crm__merge', arguments: { a: 1 } };
      const meta = { capabilities: { elicitation: { form: {} } } };
      const first = await askModern(one!, modern('tools/call', 1, params, meta));
      const { requestState } = first.reply['result'] as Json;
      expect(requestState).toMatch(/^gw1\./);
      const inputResponses = JSON.parse(ACCEPTED) as Json;
      const brought = { ...params, inputResponses, requestState };
      for (const each of [two!, one!]) {
        const { status, reply } = await askModern(each, modern('tools/call', 'again', brought, meta));
        expect(status).toBe(200);
        expect(reply).toMatchObject({
          id: 'again',
          result: { resultType: 'complete', saw: { inputResponses, requestState: 's' } },
        });
      }
    } finally {
      await Promise.all(gateways.map((each) => each.stop()));
    }
  });
});
