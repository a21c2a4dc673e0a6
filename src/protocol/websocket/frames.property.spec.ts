import { setImmediate } from 'node:timers/promises';

import * as fc from 'fast-check';

import { cutAt } from '../../../test/support/websocket/cut.js';
import { Heard } from '../../../test/support/websocket/heard.js';
import { LibraryReceiver } from '../../../test/support/websocket/library-receiver.js';
import { Outlet } from '../../../test/support/websocket/outlet.js';
import { writeHead } from './frame-head.js';
import type { FrameLimits } from './frame-listener.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { mask } from './mask.js';
import { FIN, Opcode } from './opcode.js';

const LIMITS: FrameLimits = { maxBytes: 200_000, maxFragments: 5, maxPieces: 1_000_000 };

const lengths = fc.oneof(
  fc.integer({ min: 0, max: 300 }),
  fc.constantFrom(125, 126, 127, 1_023, 1_024, 16_384, 16_385, 65_535, 65_536, 70_000),
);
const payloads = fc.tuple(lengths, fc.integer()).map(([length, seed]) => scrambled(length, seed));
const messages = fc.record({ opcode: fc.constantFrom(Opcode.TEXT, Opcode.BINARY), payload: payloads });
const controls = fc.record({
  opcode: fc.constantFrom(Opcode.PING, Opcode.PONG),
  payload: fc.uint8Array({ maxLength: 125 }).map((bytes) => Buffer.from(bytes)),
});
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

function scrambled(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0, next = seed; at < length; at++) {
    next = Math.imul(next, 1_103_515_245) + 12_345;
    bytes[at] = next >>> 16;
  }
  return bytes;
}

function read(masked: boolean, bytes: Buffer, where: readonly number[], limits = LIMITS, checked = false): Heard {
  const heard = new Heard(checked);
  const reader = new FrameReader(masked, limits, heard);
  for (const piece of cutAt(bytes, where)) reader.push(piece);
  return heard;
}

describe('frames', () => {
  it('are read as they were written, in whatever pieces they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(messages, controls), { maxLength: 8 }),
        cuts,
        fc.boolean(),
        (frames, where, masked) => {
          const outlet = new Outlet();
          const writer = new FrameWriter(outlet, masked);
          const sizes = frames.map(({ opcode, payload }) => writer.add(opcode, payload));
          writer.flush();
          const written = Buffer.concat(outlet.chunks);
          expect(written.length).toBe(sizes.reduce((sum, size) => sum + size, 0));
          expect(read(masked, written, where).said).toEqual(frames.map(Heard.wording));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of one message are put together, and what stands between them is heard first', () => {
    const fragments = fc.array(fc.uint8Array({ maxLength: 2_000 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fragments, cuts, fc.integer(), fc.boolean(), (parts, where, key, masked) => {
        const bytes = parts.flatMap((part, at) => [
          frame(at === 0 ? Opcode.BINARY : 0, Buffer.from(part), masked ? key : undefined, at === parts.length - 1),
          frame(Opcode.PING, Buffer.from([at]), masked ? key : undefined),
        ]);
        const heard = read(masked, Buffer.concat(bytes), where);
        const pings = parts.map((_, at) => Heard.wording({ opcode: Opcode.PING, payload: Buffer.from([at]) }));
        const whole = Heard.wording({ opcode: Opcode.BINARY, payload: Buffer.concat(parts) });
        expect(heard.said).toEqual([...pings.slice(0, -1), whole, ...pings.slice(-1)]);
      }),
    );
  });

  it('say the same, and are refused with the same code, as the ws library would but for lengths of spare bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(wild(), { maxLength: 12 }), cuts, fc.boolean(), async (frames, where, masked) => {
        const bytes = Buffer.concat(frames.map((each) => each(masked)));
        const limits = { ...LIMITS, maxBytes: 1_000 };
        const library = new LibraryReceiver(masked, limits);
        const spare = spareAt(bytes);
        for (const piece of cutAt(Buffer.from(bytes.subarray(0, spare)), where)) library.push(piece);
        await setImmediate();
        const { said } = library.heard;
        const isOver = said.some((each) => each.startsWith('is refused') || each.startsWith('closes'));
        const expected = spare === undefined || isOver ? said : [...said, 'is refused with 1002'];
        expect(read(masked, bytes, where, limits, true).said).toEqual(expected);
      }),
      { numRuns: 3_000 },
    );
  });

  it('held back are heard when they are let go, in their order', () => {
    fc.assert(
      fc.property(
        fc.array(messages, { maxLength: 8 }),
        cuts,
        fc.integer({ min: 1, max: 4 }),
        (frames, where, portion) => {
          const heard = new Heard();
          const reader = new FrameReader(false, LIMITS, heard);
          heard.onMessage = () => {
            if (heard.said.length % portion === 0) reader.hold();
          };
          const bytes = Buffer.concat(frames.map(({ opcode, payload }) => frame(opcode, payload)));
          for (const piece of cutAt(bytes, where)) reader.push(piece);
          while (reader.isHeld) {
            const before = heard.said.length;
            reader.release();
            expect(heard.said.length - before).toBeLessThanOrEqual(portion);
          }
          expect(heard.said).toEqual(frames.map(Heard.wording));
        },
      ),
    );
  });
});

describe('mask', () => {
  it('is what RFC 6455 says, wherever the bytes stand', () => {
    fc.assert(
      fc.property(lengths, fc.integer(), fc.integer({ min: 0, max: 9 }), (length, key, start) => {
        const bytes = scrambled(length + 20, 1);
        const octets = Buffer.alloc(4);
        octets.writeInt32LE(key);
        const expected = bytes.map((byte, at) =>
          at < start || at >= start + length ? byte : byte ^ (octets[(at - start) % 4] as number),
        );
        mask(bytes, start, start + length, key);
        expect(bytes.equals(expected)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

/** Where the first frame begins whose length is written with more bytes than it needs; undefined when none does. */
function spareAt(bytes: Buffer): number | undefined {
  for (let at = 0; at + 2 <= bytes.length;) {
    const second = bytes.readUInt8(at + 1);
    let from = at + 2;
    let length = second & 0x7f;
    if (length === 126) {
      if (from + 2 > bytes.length) return undefined;
      length = bytes.readUInt16BE(from);
      from += 2;
      if (length <= 125) return at;
    } else if (length === 127) {
      if (from + 8 > bytes.length) return undefined;
      const whole = bytes.readBigUInt64BE(from);
      if (whole <= 65_535n) return at;
      if (whole > bytes.length) return undefined;
      length = Number(whole);
      from += 8;
    }
    at = from + (second >= 0x80 ? 4 : 0) + length;
  }
  return undefined;
}

function frame(opcode: number, payload: Buffer, key?: number, isLast = true): Buffer {
  const bytes = Buffer.alloc(14 + payload.length);
  const from = writeHead(bytes, 0, opcode, payload.length, key);
  if (!isLast) (bytes[0] as number) &= ~FIN;
  payload.copy(bytes, from);
  if (key !== undefined) mask(bytes, from, from + payload.length, key);
  return bytes.subarray(0, from + payload.length);
}

/** Frames as they should be for the most part, and some with a bit or a length that they should not have, or junk. */
function wild(): fc.Arbitrary<(masked: boolean) => Buffer> {
  const usual = fc.constantFrom(0, 1, 1, 1, 2, 9, 10);
  const text = fc.string({ unit: 'binary', maxLength: 130 }).map((said) => Buffer.from(said));
  const closes = fc.tuple(fc.integer({ min: 990, max: 5_010 }), text).map(([code, reason]) => {
    const bytes = Buffer.alloc(2);
    bytes.writeUInt16BE(code);
    return Buffer.concat([bytes, reason.subarray(0, 123)]);
  });
  const good = fc
    .record({ opcode: usual, payload: text, key: fc.integer(), isLast: fc.boolean() })
    .map(({ opcode, payload, key, isLast }) => (masked: boolean) => {
      const fits = opcode < 8 ? payload : payload.subarray(0, 125);
      return frame(opcode, fits, masked ? key : undefined, opcode >= 8 || isLast);
    });
  const closing = fc
    .record({
      payload: fc.oneof(closes, fc.constant(Buffer.alloc(0)), fc.uint8Array({ maxLength: 3 })),
      key: fc.integer(),
    })
    .map(
      ({ payload, key }) =>
        (masked: boolean) =>
          frame(Opcode.CLOSE, Buffer.from(payload), masked ? key : undefined),
    );
  const bent = fc
    .record({ one: good, at: fc.integer({ min: 0, max: 9 }), bit: fc.integer({ min: 0, max: 7 }) })
    .map(({ one, at, bit }) => (masked: boolean) => {
      const bytes = Buffer.from(one(masked));
      if (at < bytes.length) (bytes[at] as number) ^= 1 << bit;
      return bytes;
    });
  const junk = fc.uint8Array({ maxLength: 40 }).map((bytes) => () => Buffer.from(bytes));
  return fc.oneof(
    { arbitrary: good, weight: 12 },
    { arbitrary: closing, weight: 1 },
    { arbitrary: bent, weight: 2 },
    { arbitrary: junk, weight: 1 },
  );
}
