import { BridgeStage, onWire } from '../support/golden-bridge.ts';
import { DUPLEX } from '../support/golden-stage.ts';

const YES = '{"type":"object","properties":{"yes":{"type":"boolean"}}}';
const ASKED = `"method":"elicitation/create","params":{"message":"Sure?","requestedSchema":${YES}}`;
const SHOWN = `{"method":"elicitation/create","params":{"mode":"form","message":"Sure?","requestedSchema":${YES}}}`;
const ACCEPT = '{"action":"accept","content":{"yes":true}}';
const MERGED = '"content":[{"type":"text","text":"merged"}]';
const HI = '"messages":[{"role":"user","content":{"type":"text","text":"hi"}}],"maxTokens":10';
const HELLO = '{"role":"assistant","content":{"type":"text","text":"hello"},"model":"m"}';
const PAGE = '"message":"Sign in","url":"https://crm.example/auth"';
const PAGES = '"clientCapabilities":{"elicitation":{"url":{}}}';

const LEGACY = {
  capabilities: { tools: {}, prompts: {}, resources: { subscribe: true }, logging: {} },
  answers: {
    'tools/list':
      '{"tools":[{"name":"merge","inputSchema":{"type":"object"}},{"name":"find","inputSchema":{"type":"object"}}]}',
    'prompts/list': '{"prompts":[{"name":"brief"}]}',
    'resources/list': '{"resources":[{"uri":"db://row/1","name":"r1"},{"uri":"db://row/2","name":"r2"}]}',
    'resources/templates/list': '{"resourceTemplates":[]}',
  },
} as const;

/** What a client says of `old__merge`. */
const says = (id: number, more = '', meta = '@F'): string =>
  `C> [M tools/call old__merge] {"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"old__merge","arguments":{"a":1}${more},${meta}}}`;
const asks = (id: number, state: string, questions = `"r0":${SHOWN}`): string =>
  `G< [200] {"jsonrpc":"2.0","id":${id},"result":{"resultType":"input_required","inputRequests":{${questions}},"requestState":"«${state}»",@S}}`;
const brings = (answers: string, state: string): string => `,"inputResponses":{${answers}},"requestState":"«${state}»"`;
const ends = (id: number, result = MERGED): string =>
  `G< [200] {"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete",${result},@S}}`;
const refused = (id: number, reason: string): string =>
  `G< [200] {"jsonrpc":"2.0","id":${id},"error":{"code":-32602,"message":"no","data":{"reason":"${reason}"}}}`;

const CALLED =
  'G> [u] {"jsonrpc":"2.0","id":"«31»","method":"tools/call","params":{"name":"merge","arguments":{"a":1}}}';
const DONE = `U< [u] {"jsonrpc":"2.0","id":"«31»","result":{${MERGED}}}`;

/** A call that is parked. */
const PARKED = `
${says(5)}
${CALLED}
U< [u] {"jsonrpc":"2.0","id":0,${ASKED}}
${asks(5, 'park1')}
`;

const RESUMED = `
${PARKED}
${says(6, brings(`"r0":${ACCEPT}`, 'park1'))}
G> [u] {"jsonrpc":"2.0","id":0,"result":${ACCEPT}}
${DONE}
${ends(6)}
`;

/** The same for anything that a server may ask in the course of. */
const parked = (method: string, ours: string, theirs: string, [said, shown]: readonly [string, string]): string => `
C> [M ${method} ${about(ours)}] {"jsonrpc":"2.0","id":1,"method":"${method}","params":{${ours},@F}}
G> [u] {"jsonrpc":"2.0","id":"«1»","method":"${method}","params":{${theirs}}}
U< [u] {"jsonrpc":"2.0","id":"q","method":"elicitation/create","params":{"message":"Sure?","requestedSchema":${YES}}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"r0":${SHOWN}},"requestState":"«s»",@S}}
C> [M ${method} ${about(ours)}] {"jsonrpc":"2.0","id":2,"method":"${method}","params":{${ours}${brings('"r0":{"action":"decline"}', 's')},@F}}
G> [u] {"jsonrpc":"2.0","id":"q","result":{"action":"decline"}}
U< [u] {"jsonrpc":"2.0","id":"«1»","result":{${said}}}
G< [200] {"jsonrpc":"2.0","id":2,"result":{"resultType":"complete",${shown},@S}}
`;

function about(params: string): string {
  return /":"([^"]+)"/.exec(params)![1]!;
}

/** Exchanges of modern clients with a legacy server, on the wire of both legs. */
describe.each(['http', 'ws', 'unix'] as const)('a modern client in front of a legacy server over %s', (kind) => {
  /** A connection is a session, and whoever can be asked nothing shares one. */
  const plain = kind === 'http' ? 'p' : 'shared';
  let stage: BridgeStage;

  beforeAll(async () => {
    stage = await BridgeStage.of({ legacy: { kind, ...LEGACY }, toml: 'list_ttl = 0' });
  });

  afterAll(() => stage?.stop());

  it('is handed what the server asks, and goes on with the answer (G62)', () => stage.play(RESUMED));

  it.each(DUPLEX)('is handed what the server asks, over %s (G62)', (transport) =>
    stage.play(onWire(RESUMED), { transport }),
  );

  it('is handed what a server asks before it gives a prompt or a resource (G62)', async () => {
    await stage.play(
      parked('prompts/get', '"name":"old__brief"', '"name":"brief"', ['"messages":[]', '"messages":[]']),
    );
    await stage.play(
      parked('resources/read', '"uri":"old+db://row/1"', '"uri":"db://row/1"', [
        '"contents":[{"uri":"db://row/1","text":"Ada"}]',
        '"contents":[{"uri":"old+db://row/1","text":"Ada"}],"ttlMs":0,"cacheScope":"private"',
      ]),
    );
  });

  it('gets lists with what its era wants and without what it does not know (G64)', () =>
    stage.play(
      `
C> [M tools/list] {"jsonrpc":"2.0","id":8,"method":"tools/list","params":{@E}}
G> [shared] {"jsonrpc":"2.0","id":"«32»","method":"tools/list"}
U< [shared] {"jsonrpc":"2.0","id":"«32»","result":{"tools":[{"name":"merge","inputSchema":{"type":"object"},"execution":{"taskSupport":"optional"},"annotations":{"readOnlyHint":false}},{"name":"later","inputSchema":{"type":"object"},"execution":{"taskSupport":"required"}}]}}
G< [200] {"jsonrpc":"2.0","id":8,"result":{"resultType":"complete","tools":[{"name":"old__merge","inputSchema":{"type":"object"},"annotations":{"readOnlyHint":false}}],"ttlMs":0,"cacheScope":"private",@S}}
`,
      { asked: ['tools/list'] },
    ));

  it('hears of a resource to which the gateway subscribes once, for all who listen (G69)', () =>
    stage.play(`
C> [M subscriptions/listen as a] {"jsonrpc":"2.0","id":61,"method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["old+db://row/1"]},@E}}
G> [shared] {"jsonrpc":"2.0","id":"«62»","method":"resources/subscribe","params":{"uri":"db://row/1"}}
U< [shared] {"jsonrpc":"2.0","id":"«62»","result":{}}
G< [200 sse a] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"resourceSubscriptions":["old+db://row/1"]},@N+{"subscriptionId":61}}}
C> [M subscriptions/listen as b] {"jsonrpc":"2.0","id":"b","method":"subscriptions/listen","params":{"notifications":{"resourceSubscriptions":["old+db://row/1"]},@E}}
G< [200 sse b] {"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{"notifications":{"resourceSubscriptions":["old+db://row/1"]},@N+{"subscriptionId":"b"}}}
U< [shared own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1"}}
G< [sse a] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"old+db://row/1",@N+{"subscriptionId":61}}}
G< [sse b] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"old+db://row/1",@N+{"subscriptionId":"b"}}}
C> [drop a] ∅
U< [shared own] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"db://row/1"}}
G< [sse b] {"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"old+db://row/1",@N+{"subscriptionId":"b"}}}
C> [drop b] ∅
G> [shared] {"jsonrpc":"2.0","id":"«63»","method":"resources/unsubscribe","params":{"uri":"db://row/1"}}
U< [shared] {"jsonrpc":"2.0","id":"«63»","result":{}}
`));

  it('reads errors in the words of its era (G76)', () =>
    stage.play(`
C> [M resources/read old+db://row/2] {"jsonrpc":"2.0","id":70,"method":"resources/read","params":{"uri":"old+db://row/2",@E}}
G> [${plain}] {"jsonrpc":"2.0","id":"«71»","method":"resources/read","params":{"uri":"db://row/2"}}
U< [${plain}] {"jsonrpc":"2.0","id":"«71»","error":{"code":-32002,"message":"Resource not found","data":{"uri":"db://row/2"}}}
G< [200] {"jsonrpc":"2.0","id":70,"error":{"code":-32602,"message":"Resource not found","data":{"uri":"old+db://row/2"}}}
`));

  const wanted = `
${says(72, '', `@E+{${PAGES}}`)}
${CALLED}
U< [u] {"jsonrpc":"2.0","id":"«31»","error":{"code":-32042,"message":"Sign in","data":{"elicitations":[{"mode":"url",${PAGE},"elicitationId":"e1"}]}}}
${asks(72, 'recall', `"e1":{"method":"elicitation/create","params":{"mode":"url",${PAGE}}}`)}
`;

  it('opens a page that is needed, and the call begins anew (G77)', () =>
    stage.play(`
${wanted}
${says(73, brings('"e1":{"action":"accept"}', 'recall'), `@E+{${PAGES}}`)}
G> [u] {"jsonrpc":"2.0","id":"«32»","method":"tools/call","params":{"name":"merge","arguments":{"a":1}}}
U< [u] {"jsonrpc":"2.0","id":"«32»","result":{${MERGED}}}
${ends(73)}
`));

  it('does not open a page that is needed, and the call is over (G77)', () =>
    stage.play(`
${wanted}
${says(73, brings('"other":{"action":"accept"}', 'recall'), `@E+{${PAGES}}`)}
${asks(73, 'again', `"e1":{"method":"elicitation/create","params":{"mode":"url",${PAGE}}}`)}
${says(74, brings('"e1":{"action":"decline"}', 'again'), `@E+{${PAGES}}`)}
${ends(74, '"isError":true,"content":[{"type":"text","text":"The user did not open the page that is needed."}]')}
`));

  it('that cannot open pages hears that one is needed (G77)', () =>
    stage.play(`
${says(72)}
${CALLED}
U< [u] {"jsonrpc":"2.0","id":"«31»","error":{"code":-32042,"message":"Sign in","data":{"elicitations":[{"mode":"url",${PAGE},"elicitationId":"e1"}]}}}
G< [400] {"jsonrpc":"2.0","id":72,"error":{"code":-32021,"message":"no","data":{"reason":"protocol_missing_capability","requiredCapabilities":{"elicitation":{"url":{}}}}}}
`));

  it('closes its response, and the server is told so (G79)', () =>
    stage.play(`
C> [M tools/call old__merge as gone] {"jsonrpc":"2.0","id":80,"method":"tools/call","params":{"name":"old__merge","arguments":{"a":1},@F}}
${CALLED}
C> [drop gone] ∅
G> [u] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«31»","reason":"client disconnected"}}
`));

  it('is asked again for what it did not answer, and progress goes to whoever waits', () =>
    stage.play(`
C> [M tools/call old__merge] {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"old__merge","arguments":{"a":1},@E+{"clientCapabilities":{"elicitation":{},"sampling":{}},"progressToken":"first"}}}
G> [u] {"jsonrpc":"2.0","id":"«31»","method":"tools/call","params":{"name":"merge","arguments":{"a":1},"_meta":{"progressToken":"«token»"}}}
U< [u] {"jsonrpc":"2.0","id":0,${ASKED}}
U< [u] {"jsonrpc":"2.0","id":"s","method":"sampling/createMessage","params":{${HI}}}
G< [200] {"jsonrpc":"2.0","id":1,"result":{"resultType":"input_required","inputRequests":{"r0":${SHOWN},"r1":{"method":"sampling/createMessage","params":{${HI}}}},"requestState":"«s1»",@S}}
${says(2, brings(`"r1":${HELLO},"r7":{"action":"accept"}`, 's1'), '@E+{"clientCapabilities":{"elicitation":{},"sampling":{}}}')}
G> [u] {"jsonrpc":"2.0","id":"s","result":${HELLO}}
${asks(2, 's2')}
C> [M tools/call old__merge] {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"old__merge","arguments":{"a":1}${brings(`"r0":${ACCEPT}`, 's2')},@E+{"clientCapabilities":{"elicitation":{},"sampling":{}},"progressToken":"last"}}}
G> [u] {"jsonrpc":"2.0","id":0,"result":${ACCEPT}}
U< [u] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"«token»","progress":1}}
G< [200 sse] {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"last","progress":1}}
${DONE}
G< [sse] {"jsonrpc":"2.0","id":3,"result":{"resultType":"complete",${MERGED},@S}}
`));

  it('brings an answer twice, and hears the same twice, and once more when it is over', () =>
    stage.play(`
${PARKED}
${says(6, brings(`"r0":${ACCEPT}`, 'park1'))}
G> [u] {"jsonrpc":"2.0","id":0,"result":${ACCEPT}}
${says(7, brings('"r0":{"action":"decline"}', 'park1'))}
${DONE}
${ends(6)}
${ends(7)}
${says(8, brings(`"r0":${ACCEPT}`, 'park1'))}
${ends(8)}
`));

  it('cannot bring an answer to another tool, with other arguments, or with a state of its own', () =>
    stage.play(`
${PARKED}
C> [M tools/call old__find] {"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"old__find","arguments":{"a":1}${brings(`"r0":${ACCEPT}`, 'park1')},@F}}
${refused(6, 'state_invalid')}
C> [M tools/call old__merge] {"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"old__merge","arguments":{"a":2}${brings(`"r0":${ACCEPT}`, 'park1')},@F}}
${refused(7, 'state_invalid')}
${says(8, `,"inputResponses":{"r0":${ACCEPT}},"requestState":"mine"`)}
${refused(8, 'state_invalid')}
${says(9, brings(`"r0":${ACCEPT}`, 'park1'))}
G> [u] {"jsonrpc":"2.0","id":0,"result":${ACCEPT}}
${DONE}
${ends(9)}
`));

  it('hears how a call ended that its server went on with alone', () =>
    stage.play(`
${PARKED}
${DONE}
G> [u] {"jsonrpc":"2.0","id":0,"result":{"action":"cancel"}}
${says(6, brings(`"r0":${ACCEPT}`, 'park1'))}
${ends(6)}
`));

  it('that declares nothing is not asked', () =>
    stage.play(`
${says(1, '', '@E')}
G> [${plain}] {"jsonrpc":"2.0","id":"«31»","method":"tools/call","params":{"name":"merge","arguments":{"a":1}}}
U< [${plain}] {"jsonrpc":"2.0","id":0,${ASKED}}
G> [${plain}] {"jsonrpc":"2.0","id":0,"result":{"action":"cancel"}}
U< [${plain}] {"jsonrpc":"2.0","id":"«31»","result":{${MERGED}}}
${ends(1)}
`));
});

describe('a parked call that nobody comes back to', () => {
  it('is over after a while, for its server and for its client (G63)', async () => {
    const stage = await BridgeStage.of({
      legacy: { kind: 'http', ...LEGACY },
      toml: '[middleware.timeout]\ninput = "300ms"',
    });
    try {
      await stage.play(`
${PARKED}
G> [u any] {"jsonrpc":"2.0","id":0,"result":{"action":"cancel"}}
G> [u any] {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"«31»","reason":"input timed out"}}
${says(7, brings(`"r0":${ACCEPT}`, 'park1'))}
${refused(7, 'state_expired')}
`);
    } finally {
      await stage.stop();
    }
  });
});
