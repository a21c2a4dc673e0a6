import type { Json } from './raw-clients.ts';

const OPAQUE = /^«(.+)»$/;
const BOUNDS = /^(\d+)\.\.(\d+)$/;

/**
 * Compares what was said with what is written, member for member, and remembers what stands for `«x»`.
 *
 * `«1..9»` stands for any number from the one to the other. Messages of errors are free; `data` of one is, where none is written; `data.reason` may be there or not.
 */
export class GoldenMemory {
  private readonly known = new Map<string, unknown>();

  /** With every `«x»` replaced by what it stands for. */
  filled(text: string): string {
    return text
      .replaceAll(/"«([^»]+)»"/g, (_, name: string) => JSON.stringify(this.recalled(name)))
      .replaceAll(/«([^»]+)»/g, (_, name: string) => String(this.recalled(name)));
  }

  compare(actual: string, expected: string): void {
    if (expected === '∅') expect(actual).toBe('');
    else this.match(JSON.parse(actual), JSON.parse(expected), '$');
  }

  /** Compares text that may hold `«x»` anywhere. */
  compareText(actual: unknown, expected: string, what: string): void {
    const names = [...expected.matchAll(/«([^»]+)»/g)].map(([, name]) => name!);
    const pattern = expected
      .split(/«[^»]+»/)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
      .join('(.+)');
    expect(actual, what).toMatch(new RegExp(`^${pattern}$`));
    const [, ...found] = new RegExp(`^${pattern}$`).exec(String(actual))!;
    for (const [at, name] of names.entries()) this.match(found[at], `«${name}»`, what);
  }

  match(actual: unknown, expected: unknown, path: string): void {
    const [, name] = (typeof expected === 'string' && OPAQUE.exec(expected)) || [];
    const [, least, most] = (name !== undefined && BOUNDS.exec(name)) || [];
    if (least !== undefined) {
      expect(actual, path).toBeTypeOf('number');
      expect(actual, path).toBeGreaterThanOrEqual(Number(least));
      expect(actual, path).toBeLessThanOrEqual(Number(most));
    } else if (name !== undefined) {
      expect(actual, path).toBeDefined();
      if (!this.known.has(name)) this.known.set(name, actual);
      expect(actual, path).toEqual(this.known.get(name));
    } else if (Array.isArray(expected)) {
      expect(actual, path).toHaveLength(expected.length);
      for (const [index, item] of expected.entries())
        this.match((actual as unknown[])[index], item, `${path}[${index}]`);
    } else if (typeof expected === 'object' && expected !== null) {
      this.matchObject(actual as Json, expected as Json, path);
    } else {
      expect(actual, path).toBe(expected);
    }
  }

  private recalled(name: string): unknown {
    if (!this.known.has(name)) throw new Error(`«${name}» was never seen`);
    return this.known.get(name);
  }

  private matchObject(actual: Json, expected: Json, path: string): void {
    expect(actual, path).toBeTypeOf('object');
    const inError = path.endsWith('.error');
    const isFree = (key: string): boolean =>
      (inError && (key === 'message' || (key === 'data' && expected['data'] === undefined))) ||
      (path.endsWith('.error.data') && key === 'reason' && expected['reason'] === undefined);
    const bound = (value: Json): string[] => Object.keys(value).filter((key) => !isFree(key));
    expect(bound(actual).toSorted(), path).toEqual(bound(expected).toSorted());
    for (const key of bound(expected)) this.match(actual[key], expected[key], `${path}.${key}`);
  }
}
