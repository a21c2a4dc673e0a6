import { Heard } from '../../../test/support/websocket/heard.js';
import { writeHead } from './frame-head.js';
import type { FrameLimits } from './frame-listener.js';
import { FrameReader } from './frame-reader.js';
import { Opcode } from './opcode.js';

const LIMITS: FrameLimits = { maxBytes: 1_000, maxFragments: 3, maxPieces: 4 };

function head(length: number): Buffer {
  const bytes = Buffer.alloc(14);
  return bytes.subarray(0, writeHead(bytes, 0, Opcode.TEXT, length, undefined));
}

describe('FrameReader', () => {
  let heard: Heard;

  const reading = (limits: Partial<FrameLimits> = {}): FrameReader => {
    heard = new Heard();
    return new FrameReader(false, { ...LIMITS, ...limits }, heard);
  };

  it('gives a view of what was read where a message lies whole in it', () => {
    const chunk = Buffer.concat([head(2), Buffer.from('{}')]);
    let given: Buffer | undefined;
    new FrameReader(false, LIMITS, Object.assign(new Heard(), { message: (data: Buffer) => (given = data) })).push(
      chunk,
    );
    expect(given?.toString()).toBe('{}');
    expect(given?.buffer).toBe(chunk.buffer);
  });

  it('refuses a message that is too large as soon as its length is known', () => {
    reading().push(head(1_001));
    expect(heard.said).toEqual(['is refused with 1009']);
    reading().push(head(1_000));
    expect(heard.said).toEqual([]);
  });

  it('refuses a length that is no number', () => {
    reading().push(Buffer.from([0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 1]));
    expect(heard.said).toEqual(['is refused with 1009']);
  });

  it('refuses a length that is written with more bytes than it needs', () => {
    const refused = ['is refused with 1002'];
    reading().push(Buffer.from([0x81, 126, 0, 125]));
    expect(heard.said).toEqual(refused);
    reading().push(Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0, 1, 0x61]));
    expect(heard.said).toEqual(refused);
    reading({ maxBytes: 70_000 }).push(Buffer.from([0x81, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]));
    expect(heard.said).toEqual(refused);
    for (const length of [125, 126, 65_535, 65_536]) {
      const payload = Buffer.alloc(length, 'a');
      reading({ maxBytes: 70_000 }).push(Buffer.concat([head(length), payload]));
      expect(heard.said).toEqual([`1 ${payload.toString('hex')}`]);
    }
  });

  it('refuses a frame that comes in too many pieces, and counts those of each frame anew', () => {
    const reader = reading();
    for (let round = 0; round < 3; round++) {
      reader.push(Buffer.concat([head(3), Buffer.from('a')]));
      reader.push(Buffer.from('b'));
      reader.push(Buffer.from('c'));
    }
    expect(heard.said).toEqual(Array.from({ length: 3 }, () => '1 616263'));
    reader.push(head(9));
    for (let nth = 0; nth < 5; nth++) reader.push(Buffer.from('a'));
    expect(heard.said.at(-1)).toBe('is refused with 1008');
  });

  it('says nothing after a close or a refusal, even when the rest was read already', () => {
    const ping = Buffer.from([0x89, 0]);
    reading().push(Buffer.concat([Buffer.from([0x88, 0]), ping]));
    expect(heard.said).toEqual(['closes with 1005 ']);
    reading().push(Buffer.concat([Buffer.from([0x83, 0]), ping]));
    expect(heard.said).toEqual(['is refused with 1002']);
  });

  it('keeps little more of a message that comes byte by byte than its bytes', () => {
    const size = 2_000_000;
    const reader = reading({ maxBytes: size, maxPieces: size });
    reader.push(head(size));
    const byte = Buffer.alloc(1, ' ');
    const before = process.memoryUsage();
    for (let at = 1; at < size; at++) reader.push(byte);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(2 * size);
    expect(after.heapUsed - before.heapUsed).toBeLessThan(20 * size);
    reader.push(byte);
    expect(heard.said[0]).toHaveLength(2 * size + 2);
  });
});
