import { BridgeStage } from '../support/golden-bridge.ts';
import { GOLDEN_TRANSPORTS } from '../support/golden-clients.ts';

const YES = '{"type":"object","properties":{"yes":{"type":"boolean"}}}';
const SURE = `{"method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}`;
const HI = '"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":10';
const HELLO = '{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}';
const TITLED =
  '{"type":"object","properties":{"c":{"type":"string","oneOf":[{"const":"r","title":"Red"},{"const":"g","title":"Green"}]}}}';
const NAMED = '{"type":"object","properties":{"c":{"type":"string","enum":["r","g"],"enumNames":["Red","Green"]}}}';
const INTRODUCED = '"clientInfo":{"name":"A","version":"1"}';
const KEPT = { ttlMs: 60_000, cacheScope: 'private' };
const LISTEN = '{"toolsListChanged":true,"resourcesListChanged":true}';

const TOOLS = ['find', 'merge'].map((name) => ({ name, inputSchema: { type: 'object' } }));
const IDS = {
  name: 'ids',
  inputSchema: { type: 'object' },
  outputSchema: { type: 'array', items: { type: 'number' } },
};

const ASKED = `
C> [L - -] {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{"elicitation":{"form":{}}},"clientInfo":{"name":"A","version":"1"}}}
G< [200 | Mcp-Session-Id: «T»] {"jsonrpc":"2.0","id":0,"result":"«introduction»"}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"crm__merge","arguments":{"a":1}}}
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"merge","arguments":{"a":1},@F+{${INTRODUCED}}}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"ok":${SURE}},"requestState":"u-state"}}
G< [200 sse] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}
C> [L 2025-11-25 «T»] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept","content":{"yes":true}}}
G< [202] ∅
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«2»","method":"tools/call","params":{"name":"merge","arguments":{"a":1},"inputResponses":{"ok":{"action":"accept","content":{"yes":true}}},"requestState":"u-state",@F+{${INTRODUCED}}}}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","content":[{"type":"text","text":"merged"}]}}
G< [sse] {"jsonrpc":"2.0","id":5,"result":{"content":[{"type":"text","text":"merged"}]}}
`;

/** A round of any method that a server may answer with a question, with and without a state. */
const round = (
  method: string,
  ours: string,
  theirs: string,
  result: readonly [theirs: string, ours: string],
): string => `
C> [A opens 2025-11-25] {"elicitation":{"form":{}}}
C> [A] {"jsonrpc":"2.0","id":5,"method":"${method}","params":{${ours}}}
G> [M ${method} ${/":"([^"]+)"/.exec(theirs)![1]}] {"jsonrpc":"2.0","id":"«1»","method":"${method}","params":{${theirs},@F+{${INTRODUCED}}}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"ok":${SURE}},"requestState":"u-state"}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"decline"}}
G> [M ${method} ${/":"([^"]+)"/.exec(theirs)![1]}] {"jsonrpc":"2.0","id":"«2»","method":"${method}","params":{${theirs},"inputResponses":{"ok":{"action":"decline"}},"requestState":"u-state",@F+{${INTRODUCED}}}}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete",${result[0]}}}
G< [A] {"jsonrpc":"2.0","id":5,"result":{${result[1]}}}
`;

const MERGE = '"name":"merge","arguments":{}';

/** The first words of a call that its server needs something for. */
const called = (revision: string, capabilities: string, declared: string): string => `
C> [A opens ${revision}] ${capabilities}
C> [A] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"crm__merge","arguments":{}}}
G> [M tools/call merge] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{${MERGE},@E+{"clientCapabilities":${declared},${INTRODUCED}}}}
`;
const again = (round: string, declared: string, brought: string): string =>
  `G> [M tools/call merge] {"jsonrpc":"2.0","id":"«${round}»","method":"tools/call","params":{${MERGE},${brought},@E+{"clientCapabilities":${declared},${INTRODUCED}}}}`;

const FORMS = '{"elicitation":{"form":{}}}';
const LACKING = (what: string): string =>
  `{"jsonrpc":"2.0","id":1,"result":{"isError":true,"content":[{"type":"text","text":"This tool needs client support for ${what}."}]}}`;

/** Exchanges of legacy clients with a modern server, on the wire of both legs. */
describe('a legacy client in front of a modern server', () => {
  let stage: BridgeStage;

  beforeAll(async () => {
    stage = await BridgeStage.of({
      modern: {
        capabilities: {
          tools: { listChanged: true },
          prompts: {},
          resources: { subscribe: true, listChanged: true },
          logging: {},
        },
        answers: {
          'tools/list': { tools: [...TOOLS, IDS], ...KEPT },
          'prompts/list': { prompts: [{ name: 'brief' }], ...KEPT },
          'resources/list': { resources: [{ uri: 'db://row/1', name: 'r1' }], ...KEPT },
          'resources/templates/list': { resourceTemplates: [], ...KEPT },
          'subscriptions/listen': (asked) => asked.acknowledge(),
        },
      },
    });
  });

  afterAll(() => stage?.stop());

  it('is asked on the response that it waits for (G61)', () => stage.play(ASKED));

  it.each(GOLDEN_TRANSPORTS)(
    'is asked before a tool is called, a prompt given and a resource read, over %s (G61)',
    async (transport) => {
      await stage.play(
        round('tools/call', '"name":"crm__merge","arguments":{"a":1}', '"name":"merge","arguments":{"a":1}', [
          '"content":[]',
          '"content":[]',
        ]),
        { transport },
      );
      await stage.play(
        round('prompts/get', '"name":"crm__brief"', '"name":"brief"', ['"messages":[]', '"messages":[]']),
        { transport },
      );
      await stage.play(
        round('resources/read', '"uri":"crm+db://row/1"', '"uri":"db://row/1"', [
          '"contents":[{"uri":"db://row/1","text":"Ada"}],"ttlMs":1000,"cacheScope":"public"',
          '"contents":[{"uri":"crm+db://row/1","text":"Ada"}]',
        ]),
        { transport },
      );
    },
  );

  it.each(GOLDEN_TRANSPORTS)('hears of a resource once the server listens for it, over %s (G68)', (transport) =>
    stage.play(
      `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":60,"method":"resources/subscribe","params":{"uri":"crm+db://row/1"}}
G> [M subscriptions/listen] {"jsonrpc":"2.0","id":"«7010»","method":"subscriptions/listen","params":{"notifications":{"toolsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["db://row/1"]},@E}}
U< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"toolsListChanged":true,"resourcesListChanged":true,"resourceSubscriptions":["db://row/1"]},@N+{"subscriptionId":"«7010»"}}}
G< [A] {"jsonrpc":"2.0","id":60,"result":{}}
U< [sse] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1",@N+{"subscriptionId":"«7010»"}}}
G< [A own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"crm+db://row/1"}}
C> [A] {"jsonrpc":"2.0","id":61,"method":"resources/unsubscribe","params":{"uri":"crm+db://row/1"}}
G< [A] {"jsonrpc":"2.0","id":61,"result":{}}
G> [M subscriptions/listen] {"jsonrpc":"2.0","id":"«7011»","method":"subscriptions/listen","params":{"notifications":${LISTEN},@E}}
U< [200 sse] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":${LISTEN},@N+{"subscriptionId":"«7011»"}}}
`,
      { transport, asked: ['subscriptions/listen'] },
    ),
  );

  it.each(GOLDEN_TRANSPORTS)(
    'says once what it wants to hear, and the server with every request, over %s (G70)',
    (transport) =>
      stage.play(
        `
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":63,"method":"logging/setLevel","params":{"level":"debug"}}
G< [A] {"jsonrpc":"2.0","id":63,"result":{}}
C> [A] {"jsonrpc":"2.0","id":64,"method":"tools/call","params":{"name":"crm__find","arguments":{},"_meta":{"progressToken":"p","x/y":1}}}
G> [M tools/call find] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"find","arguments":{},@E+{${INTRODUCED},"logLevel":"debug","progressToken":"«token»","x/y":1}}}
U< [200 sse] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"debug","data":"looking"}}
G< [A] {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"debug","data":"looking"}}
U< [sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1}}
G< [A] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}}
U< [sse] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"complete","content":[]}}
G< [A] {"jsonrpc":"2.0","id":64,"result":{"content":[]}}
`,
        { transport },
      ),
  );

  it.each([
    ['2025-06-18', FORMS, `{"message":"Colour?","requestedSchema":${NAMED}}`],
    ['2025-11-25', FORMS, `{"mode":"form","message":"Colour?","requestedSchema":${TITLED}}`],
  ])('of %s is shown a form in its words (G80)', (revision, capabilities, shown) =>
    stage.play(`
${called(revision, capabilities, FORMS)}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"c":{"method":"elicitation/create","params":{"mode":"form","message":"Colour?","requestedSchema":${TITLED}}}},"requestState":"q"}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":${shown}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept","content":{"c":"g"}}}
${again('2', FORMS, '"inputResponses":{"c":{"action":"accept","content":{"c":"g"}}},"requestState":"q"')}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","content":[]}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"content":[]}}
`),
  );

  it('of 2024-11-05 has no word for forms, and the call says what is missing (G80, G83)', () =>
    stage.play(`
${called('2024-11-05', FORMS, '{}')}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"c":${SURE}},"requestState":"q"}}
G< [A] ${LACKING('elicitation (form)')}
`));

  it.each([
    ['2024-11-05', '{"content":[{"type":"text","text":"[1,2]"}]}', undefined],
    [
      '2025-06-18',
      '{"content":[{"type":"text","text":"[1,2]"}],"structuredContent":{"result":[1,2]}}',
      '{"type":"object","properties":{"result":{"type":"array","items":{"type":"number"}}},"required":["result"]}',
    ],
    [
      '2025-11-25',
      '{"content":[{"type":"text","text":"[1,2]"}],"structuredContent":{"result":[1,2]}}',
      '{"type":"object","properties":{"result":{"type":"array","items":{"type":"number"}}},"required":["result"]}',
    ],
  ])(
    'of %s gets structured content that is no object as it can read it, and the schema alike (G81)',
    (revision, result, schema) =>
      stage.play(`
C> [A opens ${revision}] {}
C> [A] {"jsonrpc":"2.0","id":82,"method":"tools/call","params":{"name":"crm__ids","arguments":{}}}
G> [M tools/call ids] {"jsonrpc":"2.0","id":"«1»","method":"tools/call","params":{"name":"ids","arguments":{},@E+{${INTRODUCED}}}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"complete","content":[{"type":"text","text":"[1,2]"}],"structuredContent":[1,2],"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"u","version":"1"}}}}
G< [A] {"jsonrpc":"2.0","id":82,"result":${result}}
C> [A] {"jsonrpc":"2.0","id":83,"method":"tools/list"}
G< [A] {"jsonrpc":"2.0","id":83,"result":{"tools":[{"name":"crm__find","inputSchema":{"type":"object"}},{"name":"crm__merge","inputSchema":{"type":"object"}},{"name":"crm__ids","inputSchema":{"type":"object"}${schema === undefined ? '' : `,"outputSchema":${schema}`}}]}}
`),
  );

  it.each(['2024-11-05', '2025-06-18', '2025-11-25'])('of %s is told which capability a tool needs (G83)', (revision) =>
    stage.play(`
${called(revision, '{}', '{}')}
U< [400] {"jsonrpc":"2.0","id":"«1»","error":{"code":-32021,"message":"needs elicitation","data":{"requiredCapabilities":{"elicitation":{"form":{}}}}}}
G< [A] ${LACKING('elicitation (form)')}
`),
  );

  it('is told with an error which capability a prompt needs (G83)', () =>
    stage.play(`
C> [A opens 2025-11-25] {}
C> [A] {"jsonrpc":"2.0","id":1,"method":"prompts/get","params":{"name":"crm__brief"}}
G> [M prompts/get brief] {"jsonrpc":"2.0","id":"«1»","method":"prompts/get","params":{"name":"brief",@E+{${INTRODUCED}}}}
U< [400] {"jsonrpc":"2.0","id":"«1»","error":{"code":-32021,"message":"needs sampling","data":{"requiredCapabilities":{"sampling":{}}}}}
G< [A] {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"needs sampling","data":{"reason":"protocol_missing_capability","requiredCapabilities":{"sampling":{}}}}}
`));

  it('is asked several things at once, and answers in any order', () =>
    stage.play(`
${called('2025-11-25', '{"sampling":{},"roots":{"listChanged":true},"elicitation":{}}', '{"sampling":{},"roots":{},"elicitation":{"form":{}}}')}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"s":{"method":"sampling/createMessage","params":{${HI}}},"r":{"method":"roots/list"}}}}
G< [A] {"jsonrpc":"2.0","id":"«s»","method":"sampling/createMessage","params":{${HI}}}
G< [A] {"jsonrpc":"2.0","id":"«r»","method":"roots/list"}
C> [A] {"jsonrpc":"2.0","id":"«r»","result":{"roots":[{"uri":"file:///home","name":"home"}]}}
C> [A] {"jsonrpc":"2.0","id":"«s»","result":${HELLO}}
${again('2', '{"sampling":{},"roots":{},"elicitation":{"form":{}}}', `"inputResponses":{"s":${HELLO},"r":{"roots":[{"uri":"file:///home","name":"home"}]}}`)}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","content":[]}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"content":[]}}
`));

  it('is not asked where the server wants nothing but to be asked again', () =>
    stage.play(`
${called('2025-11-25', '{}', '{}')}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","requestState":"half"}}
${again('2', '{}', '"requestState":"half"')}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"input_required","requestState":"nearly"}}
${again('3', '{}', '"requestState":"nearly"')}
U< [200] {"jsonrpc":"2.0","id":"«3»","result":{"resultType":"complete","content":[]}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"content":[]}}
`));

  it('is asked ten times in the course of one call, and then the call ends', () => {
    const rounds = Array.from({ length: 10 }, (_, index) => {
      const [asked, next] = [String(index + 1), String(index + 2)];
      return `
U< [200] {"jsonrpc":"2.0","id":"«${asked}»","result":{"resultType":"input_required","inputRequests":{"ok":${SURE}},"requestState":"s${asked}"}}
G< [A] {"jsonrpc":"2.0","id":"«ask ${asked}»","method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}
C> [A] {"jsonrpc":"2.0","id":"«ask ${asked}»","result":{"action":"decline"}}
${again(next, FORMS, `"inputResponses":{"ok":{"action":"decline"}},"requestState":"s${asked}"`)}`;
    });
    return stage.play(`
${called('2025-11-25', FORMS, FORMS)}
${rounds.join('')}
U< [200] {"jsonrpc":"2.0","id":"«11»","result":{"resultType":"input_required","inputRequests":{"ok":${SURE}},"requestState":"s11"}}
G< [A] {"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"again and again","data":{"reason":"upstream_protocol_error"}}}
`);
  });

  it.each([
    [
      'tools/call',
      '"name":"crm__merge"',
      '"name":"merge"',
      '"result":{"isError":true,"content":[{"type":"text","text":"The client did not answer sampling/createMessage."}]}',
    ],
    ['prompts/get', '"name":"crm__brief"', '"name":"brief"', '"error":{"code":-32603,"message":"no answer"}'],
  ])('refuses a sampling, which ends the request: %s', (method, ours, theirs, end) =>
    stage.play(`
C> [A opens 2025-11-25] {"sampling":{}}
C> [A] {"jsonrpc":"2.0","id":1,"method":"${method}","params":{${ours}}}
G> [M ${method} ${/":"([^"]+)"/.exec(theirs)![1]}] {"jsonrpc":"2.0","id":"«1»","method":"${method}","params":{${theirs},@E+{"clientCapabilities":{"sampling":{}},${INTRODUCED}}}}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"s":{"method":"sampling/createMessage","params":{${HI}}}}}}
G< [A] {"jsonrpc":"2.0","id":"«s»","method":"sampling/createMessage","params":{${HI}}}
C> [A] {"jsonrpc":"2.0","id":"«s»","error":{"code":-1,"message":"User rejected"}}
G< [A] {"jsonrpc":"2.0","id":1,${end}}
`),
  );

  it('opens a page, and hears that it is done with when the call is', () =>
    stage.play(`
${called('2025-11-25', '{"elicitation":{"url":{}}}', '{"elicitation":{"url":{}}}')}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"u":{"method":"elicitation/create","params":{"mode":"url","message":"Sign in","url":"https://crm.example/auth"}}},"requestState":"q"}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"mode":"url","message":"Sign in","url":"https://crm.example/auth","elicitationId":"«page»"}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept"}}
${again('2', '{"elicitation":{"url":{}}}', '"inputResponses":{"u":{"action":"accept"}},"requestState":"q"')}
U< [200] {"jsonrpc":"2.0","id":"«2»","result":{"resultType":"complete","content":[]}}
G< [A] {"jsonrpc":"2.0","method":"notifications/elicitation/complete","params":{"elicitationId":"«page»"}}
G< [A] {"jsonrpc":"2.0","id":1,"result":{"content":[]}}
`));

  it('is not sent to a page that it did not declare', () =>
    stage.play(`
${called('2025-06-18', '{"elicitation":{"url":{},"form":{}}}', FORMS)}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"u":{"method":"elicitation/create","params":{"mode":"url","message":"Sign in","url":"https://crm.example/auth"}}},"requestState":"q"}}
G< [A] ${LACKING('elicitation (url)')}
`));

  it('cancels while it is asked, and its question is withdrawn', () =>
    stage.play(
      `
${called('2025-11-25', FORMS, FORMS)}
U< [200] {"jsonrpc":"2.0","id":"«1»","result":{"resultType":"input_required","inputRequests":{"ok":${SURE}},"requestState":"q"}}
G< [A] {"jsonrpc":"2.0","id":"«ask»","method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}
C> [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}
G< [A] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«ask»"}}
C> [A] {"jsonrpc":"2.0","id":"«ask»","result":{"action":"accept","content":{"yes":true}}}
`,
      { transport: 'websocket' },
    ));
});
