import type { Splice } from '../../core/json.js';
import { CLOSE_BRACE, COLON, COMMA, OPEN_BRACE, QUOTE } from './characters.js';
import { Lexer } from './lexer.js';
import { type Level, type Member, SLOTS, type Slot } from './member.js';
import { BROKEN, TOO_DEEP, TOO_MANY } from './outcome.js';
import type { Skipper } from './skipper.js';

const NOTHING = Buffer.alloc(0);

/** A lexer that notes where the members of a message stand, while it steps over them. */
export class Reader extends Lexer {
  /** One bit for each slot whose member was met. */
  found = 0;
  /** Start and end of each slot, one after the other; left over from another text where the slot's bit is not set. */
  private readonly places: number[] = Array.from({ length: 2 * SLOTS }, () => 0);
  /** One bit for each slot whose member was met more than once. */
  private repeated = 0;
  /** How to spell the keys plainly that are written with escapes; undefined when there are none. */
  respelled: Splice[] | undefined;

  override begin(bytes: Buffer, maxKeys?: number, skipper?: Skipper): void {
    super.begin(bytes, maxKeys, skipper);
    this.found = 0;
    this.repeated = 0;
    this.respelled = undefined;
  }

  /** Lets go of the text. */
  release(): void {
    this.begin(NOTHING);
  }

  /** Over the members of the object whose brace stands before `start`, and its closing brace. */
  members(start: number, level: Level, room: number): number {
    const bytes = this.bytes;
    let at = this.space(start);
    if (bytes[at] === CLOSE_BRACE) return at + 1;
    for (let left = this.maxKeys; left > 0; left--) {
      if (bytes[at] !== QUOTE) return BROKEN;
      const key = at + 1;
      let member = level.find(bytes, key);
      if (member) at += member.key.length;
      else {
        at = this.string(key);
        if (at < 0) return at;
        member = this.escaped(level, key, at - 1);
      }
      at = this.space(at);
      if (bytes[at] !== COLON) return BROKEN;
      const from = this.space(at + 1);
      at = member?.inside ? this.inside(from, member.inside, room) : this.value(from, room);
      if (at < 0) return at;
      if (member) this.note(member.slot, from, at);
      at = this.space(at);
      const after = bytes[at];
      if (after === CLOSE_BRACE) return at + 1;
      if (after !== COMMA) return BROKEN;
      at = this.space(at + 1);
    }
    return TOO_MANY;
  }

  has(slot: Slot): boolean {
    return (this.found & (1 << slot)) !== 0;
  }

  /** Position of the first byte of the value of a member that is there. */
  start(slot: Slot): number {
    return this.places[2 * slot] as number;
  }

  /** Position after its last byte. */
  end(slot: Slot): number {
    return this.places[2 * slot + 1] as number;
  }

  /** The bytes of the value of a member that is there. */
  view(slot: Slot): Buffer {
    return this.bytes.subarray(this.start(slot), this.end(slot));
  }

  /** Whether any member was there twice, or this one. */
  hasRepeated(slot?: Slot): boolean {
    return slot === undefined ? this.repeated !== 0 : (this.repeated & (1 << slot)) !== 0;
  }

  private inside(at: number, level: Level, room: number): number {
    if (this.bytes[at] !== OPEN_BRACE) return this.value(at, room);
    return room > 0 ? this.members(at + 1, level, room - 1) : TOO_DEEP;
  }

  private escaped(level: Level, start: number, end: number): Member | undefined {
    const member = level.findEscaped(this.bytes, start, end);
    // Once a member was there twice nothing is passed on, so nothing needs to be spelled.
    if (member && this.repeated === 0) (this.respelled ??= []).push({ at: [start - 1, end + 1], bytes: member.key });
    return member;
  }

  private note(slot: Slot, start: number, end: number): void {
    if (this.has(slot)) {
      this.repeated |= 1 << slot;
      return;
    }
    this.found |= 1 << slot;
    this.places[2 * slot] = start;
    this.places[2 * slot + 1] = end;
  }
}
