import { closeFrame, frame, type Frame, handshake, Opcode } from '../../../hostile/support/frames.ts';
import { type Attack, status } from '../support/attack.ts';

const { CONTINUATION, TEXT, BINARY, CLOSE, PING } = Opcode;
const FIRST: Frame = { opcode: TEXT, payload: '{"jsonrpc":', fin: false };
const MIB = 1_048_576;

/** Frames that no client sends, and with which code they end: [row, what, frames, code]. */
const FRAMES: readonly [row: string, what: string, frames: readonly (Frame | Buffer)[], code: number][] = [
  ['T39', 'a frame without a mask', [{ opcode: TEXT, payload: '{}', masked: false }], 1002],
  ['T39', 'the first reserved bit', [{ opcode: TEXT, payload: '{}', reserved: 4 }], 1002],
  ['T39', 'the second reserved bit', [{ opcode: TEXT, payload: '{}', reserved: 2 }], 1002],
  ['T39', 'the third reserved bit', [{ opcode: TEXT, payload: '{}', reserved: 1 }], 1002],
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, string, Frame[], number] => [
    'T39',
    `the opcode ${opcode}`,
    [{ opcode, payload: '{}' }],
    1002,
  ]),
  ['T39', 'a ping in pieces', [{ opcode: PING, fin: false }], 1002],
  ['T39', 'a ping of 126 bytes', [{ opcode: PING, payload: 'x'.repeat(126) }], 1002],
  ['T39', 'a continuation of nothing', [{ opcode: CONTINUATION, payload: '{}' }], 1002],
  ['T39', 'a message within a message', [FIRST, { opcode: TEXT, payload: '{}' }], 1002],
  ['T39', 'binary data', [{ opcode: BINARY, payload: '{}' }], 1003],
  ['T39', 'text that is not UTF-8', [{ opcode: TEXT, payload: Buffer.from([0x22, 0xc3, 0x28]) }], 1007],
  ['T39', 'a close that is not UTF-8', [closeFrame(1000, Buffer.from([0xc3, 0x28]))], 1007],
  ['T39', 'a close with half a code', [{ opcode: CLOSE, payload: 'x' }], 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map((code): [string, string, Buffer[], number] => [
    'T39',
    `a close with the code ${code}`,
    [closeFrame(code)],
    1002,
  ]),
  ['T40', 'a message said to be 1 TiB', [{ opcode: TEXT, length: 2n ** 40n }], 1009],
  ['T40', 'a length beyond all numbers', [{ opcode: TEXT, length: 2n ** 63n }], 1009],
  ['T40', 'a message of 5 MiB', [{ opcode: TEXT, payload: 'x'.repeat(5 * MIB) }], 1009],
  [
    'T40',
    '1,100 pieces',
    [FIRST, ...Array.from({ length: 1_100 }, () => ({ opcode: CONTINUATION, fin: false }))],
    1008,
  ],
];

/** Handshakes that are none: [row, what, headers, line, host, status]. */
const HANDSHAKES: readonly [what: string, headers: string, line: string | undefined, status: number][] = [
  ['another version', 'Sec-WebSocket-Version: 7\r\n', undefined, 400],
  ['no key', 'Sec-WebSocket-Key:\r\n', undefined, 400],
  ['a short key', 'Sec-WebSocket-Key: abc\r\n', undefined, 400],
  ['another method', '', 'POST /mcp HTTP/1.1', 405],
  ['another subprotocol', 'Sec-WebSocket-Protocol: graphql-ws\r\n', undefined, 400],
  ['a subprotocol that is no token', 'Sec-WebSocket-Protocol: mcp, m c p\r\n', undefined, 400],
  ['101 headers', 'X: y\r\n'.repeat(100), undefined, 431],
  ['a long target', '', `GET /mcp?${'x'.repeat(8_192)} HTTP/1.1`, 414],
  ['a path that is not ours', '', 'GET /api/v1/status HTTP/1.1', 404],
  ['a group that is not there', '', 'GET /mcp/__proto__ HTTP/1.1', 404],
  ['a path with dots', '', 'GET /mcp/../mcp HTTP/1.1', 404],
];

const bytesOf = (frames: readonly (Frame | Buffer)[]): Buffer =>
  Buffer.concat(frames.map((one) => (Buffer.isBuffer(one) ? one : frame(one))));

export const WEBSOCKET_ATTACKS: readonly Attack[] = [
  ...FRAMES.map(([row, what, frames, code]): Attack => ({
    row,
    what: `${what} on a WebSocket`,
    send: (pass) => Buffer.concat([Buffer.from(handshake(pass)), bytesOf(frames)]),
    expected: { statuses: [101], closes: code },
  })),
  ...HANDSHAKES.map(([what, headers, line, code]): Attack => ({
    row: 'T39',
    what: `a handshake with ${what}`,
    send: (pass) => handshake(pass + headers, line),
    expected: status(code),
  })),
];
