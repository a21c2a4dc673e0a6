import { fileURLToPath, pathToFileURL } from 'node:url';

import { GUARDS, KEY } from '../../bench/guards.ts';
import { EPHEMERAL, startGateway, type RunningGateway } from '../support/gateway.ts';
import { headersOf, modern } from '../support/modern.ts';
import { askModern, ModernSocket } from '../support/modern-raw-clients.ts';
import { OwnProcess } from '../support/own-process.ts';
import { Endpoint, request, type Json } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';

const ECHO_SERVER = fileURLToPath(new URL('../../bench/echo-server.ts', import.meta.url));
const PRELOAD = pathToFileURL(fileURLToPath(new URL('../fixtures/parse-tally/preload.mjs', import.meta.url))).href;
/** What the preloaded module looks for in everything that the gateway parses. */
const WORD = 'forwarded-and-never-parsed';
/** Of each of four clients, over each of two kinds of wire to the server: 1,000. */
const CALLS = 125;

class Guarded extends Endpoint {
  protected override readonly pass = { 'x-api-key': KEY };

  constructor(readonly port: number) {
    super();
  }
}

type Ask = (message: Json) => Promise<Json>;

describe.each(['ws', 'http'])('a gateway with every guard and a server over %s', (scheme) => {
  let echo: OwnProcess;
  let gateway: RunningGateway;
  let endpoint: Endpoint;

  beforeAll(async () => {
    echo = new OwnProcess(ECHO_SERVER);
    const { port } = JSON.parse(await echo.firstLine) as { port: number };
    const server = `[[upstream.groups.default.servers]]\nid = "only"\nurl = "${scheme}://127.0.0.1:${port}/mcp"\n`;
    gateway = await startGateway(`${EPHEMERAL}enabled = true\n${server}${GUARDS}`, {
      env: { NODE_OPTIONS: `--import ${PRELOAD}` },
    });
    endpoint = new Guarded(Number(new URL(gateway.url).port));
  });

  afterAll(async () => {
    await gateway.stop();
    await echo[Symbol.asyncDispose]();
  });

  const parsed = () => gateway.lines.filter(({ msg }) => msg === 'parsed');

  it('forwards calls and results of both eras without parsing a single one', async () => {
    const webSocket = await endpoint.introduced();
    const session = await endpoint.session();
    const modernSocket = await ModernSocket.connect(endpoint);

    await forwards((message) => webSocket.ask(message));
    await forwards(async (message) => (await endpoint.post(message, session)).json);
    await forwards((message) => modernSocket.ask(enveloped(message)));
    await forwards(async (message) => {
      const asked = enveloped(message);
      return (await askModern(endpoint, asked, headersOf(asked))).reply;
    });
    expect(parsed()).toEqual([]);

    // A prompt's arguments have to be looked at, so the tally is seen to work; it comes after all that would be in it.
    await webSocket.ask(request('prompts/get', 'last', { name: 'none', arguments: { text: WORD } }));
    await until(() => parsed().length > 0, 'the arguments of a prompt to be parsed');
    webSocket.socket.close();
    modernSocket.close();
  });
});

/** Makes the calls one after the other, and sees each come back whole. */
async function forwards(ask: Ask): Promise<void> {
  for (let id = 1; id <= CALLS; id++) {
    const text = `${WORD} ${'é "quoted" '.repeat(id % 5 === 0 ? 2_000 : 5)}`;
    const message = request('tools/call', id, {
      name: 'echo',
      arguments: { text, more: [{ n: 1.5, deep: [[null]] }] },
    });
    const { id: answered, result } = await ask(message);
    expect(answered).toBe(id);
    expect(result).toMatchObject({ content: [{ type: 'text', text }] });
  }
}

function enveloped({ method, id, params }: Json): Json {
  return modern(method as string, id as number, params as Json, { clientInfo: { name: 'desk', version: '2' } });
}
