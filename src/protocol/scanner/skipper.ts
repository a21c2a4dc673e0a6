import { BROKEN } from './outcome.js';
import { SKIPPER_MODULE } from './skipper-module.js';

/** Containers inside one another that a skipper has room for. */
export const MOST_ROOM = 1_024;
/** Returned in place of a position: nothing was found out, and somebody else has to step over the container. */
export const NOT_SKIPPED = -5;

/** The module's: the window ends before the container does. */
const CUT_OFF = -4;
/** Bytes of a window: what the module's page has besides its stack and a margin, and less than a first cache holds. */
const WINDOW = 16_384;

/** What `wasm/skipper.as` exports. */
interface SkipperExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  window(): number;
  skip(at: number, to: number, room: number, keys: number): number;
  more(from: number, to: number): number;
  resume(): number;
}

/** The part of WebAssembly that is used here; Node's types do not have it. */
interface WebAssembly {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
  validate(bytes: Uint8Array): boolean;
}

/**
 * Steps over objects and arrays in WebAssembly, with the results of a lexer, several times as fast. It has one page of
 * memory, whatever the length of the text: a part of the text is copied there at a time.
 */
export class Skipper {
  /** Which window this is: whoever loaded another one in the meantime has counted on. */
  window = 0;
  private from = 0;
  private to = 0;
  private readonly base: number;
  private readonly memory: Buffer;

  constructor(private readonly module: SkipperExports) {
    this.base = module.window();
    this.memory = Buffer.from(module.memory.buffer);
  }

  /** Whether a window is the one that is loaded, and the byte at a position stands in it. */
  holds(window: number, at: number): boolean {
    return window === this.window && at >= this.from && at < this.to;
  }

  /** Makes a window of the bytes from a position on. */
  load(bytes: Buffer, at: number): void {
    this.from = at;
    this.to = Math.min(bytes.length, at + WINDOW);
    bytes.copy(this.memory, this.base, at, this.to);
    this.window++;
  }

  /**
   * Over the container at a position that the window holds: the position after it, `BROKEN`, `TOO_DEEP` or `TOO_MANY` as
   * from a lexer, or `NOT_SKIPPED`.
   *
   * @param room at most `MOST_ROOM`
   */
  skip(bytes: Buffer, at: number, room: number, maxKeys: number): number {
    const { module, base } = this;
    let end = module.skip(base + at - this.from, base + this.to - this.from, room, maxKeys);
    while (end === CUT_OFF) {
      if (this.to === bytes.length) return BROKEN;
      const next = this.from + module.resume() - base;
      // Only a number is too long for a window.
      if (next === this.from) return NOT_SKIPPED;
      this.load(bytes, next);
      end = module.more(base, base + this.to - this.from);
    }
    return end < 0 ? end : end - base + this.from;
  }
}

let made: Skipper | undefined;
let isMade = false;

/** The skipper of this process, made when it is first asked for; undefined where WebAssembly or its vectors are missing. */
export function skipper(): Skipper | undefined {
  if (!isMade) {
    isMade = true;
    made = makeSkipper();
  }
  return made;
}

function makeSkipper(): Skipper | undefined {
  const { WebAssembly } = globalThis as { WebAssembly?: WebAssembly };
  const bytes = Buffer.from(SKIPPER_MODULE, 'base64');
  if (!WebAssembly?.validate(bytes)) return undefined;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return new Skipper(exports as SkipperExports);
}
