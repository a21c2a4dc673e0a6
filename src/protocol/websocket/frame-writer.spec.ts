import { setImmediate } from 'node:timers/promises';

import { Outlet } from '../../../test/support/websocket/outlet.js';
import { Heard } from '../../../test/support/websocket/heard.js';
import { result } from '../../core/message.js';
import { ReplyFrame } from '../reply-frame.js';
import { FrameReader } from './frame-reader.js';
import { FrameWriter } from './frame-writer.js';
import { Opcode } from './opcode.js';

describe('FrameWriter', () => {
  let outlet: Outlet;
  let writer: FrameWriter;

  beforeEach(() => {
    outlet = new Outlet();
    writer = new FrameWriter(outlet, false);
  });

  const say = (text: string, to = writer): number => to.add(Opcode.TEXT, Buffer.from(text));

  it('makes one write of what is sent in one turn', async () => {
    for (let nth = 0; nth < 20; nth++) say(`${nth % 10}`);
    expect([outlet.chunks.length, writer.waiting]).toEqual([0, 60]);
    await setImmediate();

    expect(outlet.chunks.map(({ length }) => length)).toEqual([60]);
    expect([writer.waiting, writer.total]).toEqual([0, 60]);
  });

  it('sends what several streams have at the end of a turn, each its own', async () => {
    const outlets = Array.from({ length: 5 }, () => new Outlet());
    for (const [nth, each] of outlets.entries()) {
      each.isStuck = nth % 2 === 0;
      say(`${nth}`, new FrameWriter(each, false));
    }
    await setImmediate();

    expect(outlets.map(({ chunks }) => chunks.map((chunk) => chunk.toString('latin1')))).toEqual(
      outlets.map((_, nth) => [`\x81\x01${nth}`]),
    );
  });

  it('does not write over what the stream has not taken', () => {
    outlet.isStuck = true;
    const texts = ['first', 'second', 'x'.repeat(70_000), 'third'];
    for (const text of texts) {
      say(text);
      writer.flush();
      const other = new FrameWriter(new Outlet(), false);
      say('y'.repeat(1_000), other);
      other.flush();
    }
    const sent = Buffer.concat(outlet.chunks).toString('latin1');
    expect(sent).toBe(`\x81\x05first\x81\x06second\x81\x7f\0\0\0\0\0\x01\x11\x70${texts[2]}\x81\x05third`);
    expect(writer.waiting).toBe(sent.length);
  });

  it('puts replies together among all else, and copies no large body', () => {
    const bodies = ['small', 'x'.repeat(16_384), 'y'.repeat(16_385), 'z'.repeat(70_000), ''];
    const replies = bodies.map((said, nth) => ReplyFrame.of(Buffer.from(`"${nth}"`), result({ said })));
    for (const masked of [false, true]) {
      const [split, whole] = [new Outlet(), new Outlet()];
      split.isStuck = true;
      const writers = [new FrameWriter(split, masked), new FrameWriter(whole, masked)] as const;
      for (const reply of replies) {
        const sizes = [writers[0].add(Opcode.TEXT, reply), writers[1].add(Opcode.TEXT, reply.bytes)];
        expect(sizes[0]).toBe(sizes[1]);
        for (const each of writers) say('between', each);
      }
      for (const each of writers) each.flush();
      const heard = [split, whole].map((each) => {
        const said = new Heard();
        new FrameReader(masked, { maxBytes: 100_000, maxFragments: 1, maxPieces: 1 }, said).push(
          Buffer.concat(each.chunks),
        );
        return said.said;
      });
      expect(heard[0]).toHaveLength(2 * bodies.length);
      expect(heard[0]).toEqual(heard[1]);
      const isLent = replies.map(({ body }) => split.chunks.includes(body));
      expect(isLent).toEqual(replies.map(({ body }) => !masked && body.length > 16_384));
    }
  });

  it('does not copy a large payload that is not masked', () => {
    const large = Buffer.alloc(20_000, 'x');
    outlet.isStuck = true;
    say('before');
    writer.add(Opcode.TEXT, large);
    say('after');
    writer.flush();
    expect(outlet.chunks.map(({ length }) => length)).toEqual([12, 20_000, 7]);
    expect(outlet.chunks[1]).toBe(large);
    expect(outlet.corks).toBe(0);
  });

  it.each([
    ['says that everything has left', 70_000, false, 1],
    ['says nothing where so little was sent that nobody waits', 100, false, 0],
    ['leaves it to the stream to say so', 70_000, true, 0],
  ])('%s', (_, bytes, isStuck, times) => {
    let drained = 0;
    outlet.isStuck = isStuck;
    writer.onDrained = () => drained++;
    say('x'.repeat(bytes));
    expect(writer.needsDrain).toBe(bytes === 70_000);
    writer.flush();
    expect(drained).toBe(times);
  });

  it('leaves a payload as it is that it masks', () => {
    const payload = Buffer.from('x'.repeat(20_000));
    const client = new FrameWriter(outlet, true);
    client.add(Opcode.TEXT, payload);
    client.flush();
    expect(payload.toString()).toBe('x'.repeat(20_000));
  });

  it('never uses one masking key for all frames', () => {
    const client = new FrameWriter(outlet, true);
    for (let nth = 0; nth < 5_000; nth++) client.add(Opcode.PING, Buffer.alloc(0));
    client.flush();
    const bytes = Buffer.concat(outlet.chunks);
    const keys = new Set(Array.from({ length: 5_000 }, (_, nth) => bytes.readUInt32LE(6 * nth + 2)));
    expect(keys.size).toBeGreaterThan(4_900);
  });
});
