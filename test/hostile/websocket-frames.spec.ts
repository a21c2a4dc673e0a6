import { initialize, request } from '../support/raw-clients.ts';
import { until } from '../support/until.ts';
import { closeFrame, frame, type Frame, handshake, Opcode, RawWebSocket } from './support/frames.ts';
import { EXAMPLE, INTRODUCTION, statusesOf, Target } from './support/target.ts';

const { CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG } = Opcode;
const FIRST = { opcode: TEXT, payload: '{"jsonrpc":', fin: false };
const BAD_UTF8 = Buffer.from('{"jsonrpc":"2.0","method":"\xc3\x28"}', 'latin1');
const KIBI = 1_024;

describe('the WebSocket endpoint under attack', () => {
  let target: Target;

  beforeAll(async () => {
    target = await Target.start(
      EXAMPLE,
      'headers_timeout = "1s"\nping_interval = "1s"\nmax_body_bytes = 65536\nqueue_soft_bytes = 16384\nqueue_hard_bytes = 65536',
    );
  });
  afterEach(() => target.unharmed());
  afterAll(() => target?.stop());

  const open = () => RawWebSocket.open(target.port);
  const closedWith = async (raw: RawWebSocket) => {
    await until(() => raw.closed || raw.closeCode !== undefined, 'the connection to be closed');
    raw.texts.forEach((text) => target.heard(text));
    raw.socket.destroy();
    return raw.closeCode;
  };

  /** Without a code: cut, because there was too much to answer. */
  const table: [string, (Frame | Buffer)[], number | undefined][] = [
    ['a frame without a mask', [{ opcode: TEXT, payload: '{}', masked: false }], 1002],
    [
      'the first reserved bit (compression that nobody agreed on)',
      [{ opcode: TEXT, payload: '{}', reserved: 4 }],
      1002,
    ],
    ['the second reserved bit', [{ opcode: TEXT, payload: '{}', reserved: 2 }], 1002],
    ['the third reserved bit', [{ opcode: TEXT, payload: '{}', reserved: 1 }], 1002],
    ['an opcode that does not exist', [{ opcode: 3, payload: '{}' }], 1002],
    ['a control opcode that does not exist', [{ opcode: 15 }], 1002],
    ['a ping in pieces', [{ opcode: PING, fin: false }], 1002],
    ['a ping of 126 bytes', [{ opcode: PING, payload: 'x'.repeat(126) }], 1002],
    ['a continuation of nothing', [{ opcode: CONTINUATION, payload: '{}' }], 1002],
    ['a message within a message', [FIRST, { opcode: TEXT, payload: '{}' }], 1002],
    ['binary data', [{ opcode: BINARY, payload: '{}' }], 1003],
    ['text that is not UTF-8', [{ opcode: TEXT, payload: BAD_UTF8 }], 1007],
    ['a close that is not UTF-8', [closeFrame(1000, Buffer.from([0xc3, 0x28]))], 1007],
    ['a close with half a code', [{ opcode: CLOSE, payload: 'x' }], 1002],
    ['a close with a code for nobody', [closeFrame(1005)], 1002],
    ['a close with a code out of range', [closeFrame(999)], 1002],
    ['a message one byte too long', [{ opcode: TEXT, payload: 'x'.repeat(64 * KIBI + 1) }], 1009],
    ['a message said to be too long', [{ opcode: TEXT, length: 2n ** 40n }], 1009],
    ['a length beyond all numbers', [{ opcode: TEXT, length: 2n ** 63n }], 1009],
    [
      'a message too long in pieces',
      [
        { ...FIRST, payload: 'x'.repeat(40_000) },
        { opcode: CONTINUATION, payload: 'x'.repeat(40_000) },
      ],
      1009,
    ],
    ['1,025 fragments', [FIRST, ...Array.from({ length: 1_024 }, () => ({ opcode: CONTINUATION, fin: false }))], 1008],
    ['a flood of pings', Array.from({ length: 5_000 }, () => ({ opcode: PING })), undefined],
    ['a flood of pongs', Array.from({ length: 700 }, () => ({ opcode: PONG })), 1008],
  ];

  it.each(table)('ends a connection over %s', async (_, frames, code) => {
    const raw = await open();
    raw.send(...frames);
    expect(await closedWith(raw)).toBe(code);
  });

  it('puts together what comes in pieces, and answers a ping in between', async () => {
    const raw = await open();
    const [head, tail] = [INTRODUCTION.slice(0, 20), INTRODUCTION.slice(20)];
    raw.send({ opcode: TEXT, payload: head, fin: false }, { opcode: PING, payload: 'x' });
    raw.send({ opcode: CONTINUATION, fin: false }, { opcode: CONTINUATION, payload: tail });
    await until(() => raw.texts.length === 1, 'the answer');
    expect(raw.pongs).toBe(1);
    raw.send(closeFrame(1000));
    expect(await closedWith(raw)).toBe(1000);
  });

  it('takes a message byte by byte', async () => {
    const raw = await open();
    for (const byte of frame({ opcode: TEXT, payload: JSON.stringify(initialize()) })) raw.send(Buffer.from([byte]));
    await until(() => raw.texts.length === 1, 'the answer');
    raw.socket.destroy();
  });

  it.each([
    ['another version', handshake('Sec-WebSocket-Version: 7\r\n'), 400],
    ['no key', handshake('Sec-WebSocket-Key:\r\n'), 400],
    ['a short key', handshake('Sec-WebSocket-Key: abc\r\n'), 400],
    ['another method', handshake('', 'POST /mcp HTTP/1.1'), 405],
    ['another subprotocol', handshake('Sec-WebSocket-Protocol: graphql-ws\r\n'), 400],
    ['a subprotocol that is no token', handshake('Sec-WebSocket-Protocol: mcp, m c p\r\n'), 400],
    ['a foreign Host', handshake('', undefined, 'evil.example'), 403],
    ['a foreign Origin', handshake('Origin: https://evil.example\r\n'), 403],
    ['the Origin of nobody', handshake('Origin: null\r\n'), 403],
    ['two Hosts', handshake('Host: evil.example\r\n'), 400],
    ['101 headers', handshake('X: y\r\n'.repeat(100)), 431],
    ['a long target', handshake('', `GET /mcp?${'x'.repeat(8_192)} HTTP/1.1`), 414],
    ['a path that is not ours', handshake('', 'GET /api/v1/status HTTP/1.1'), 404],
    ['a group that is not there', handshake('', 'GET /mcp/__proto__ HTTP/1.1'), 404],
    ['a path with dots', handshake('', 'GET /mcp/../mcp HTTP/1.1'), 404],
  ])('refuses a handshake with %s, and closes', async (_, bytes, status) => {
    const { text, closed } = await target.raw(bytes);
    expect(statusesOf(text)).toEqual([status]);
    expect(closed).toBe(true);
  });

  it('agrees on no extension, whatever is offered', async () => {
    const { text } = await target.raw(handshake('Sec-WebSocket-Extensions: permessage-deflate; x="\r\n'), 300);
    expect(statusesOf(text)).toEqual([101]);
    expect(text).not.toMatch(/sec-websocket-extensions/i);
  });

  it('drops who says nothing, who answers no pings, and who asks and does not read', async () => {
    const memory = target.memory;
    const [mute, deaf, lazy] = [await open(), await open(), await open()];
    for (const raw of [deaf, lazy]) raw.send({ opcode: TEXT, payload: INTRODUCTION });
    lazy.socket.pause();
    const lists = Buffer.concat(
      Array.from({ length: 100 }, () => frame({ opcode: TEXT, payload: JSON.stringify(request('tools/list', 1)) })),
    );
    const asking = (async () => {
      while (!lazy.socket.destroyed) await lazy.sent(lists);
    })();
    expect(await closedWith(mute)).toBe(1008);
    await until(() => deaf.closed, 'the connection to be cut');
    expect(deaf.pings).toBe(2);
    await asking;
    expect(target.memory - memory).toBeLessThan(300);
  });
});
