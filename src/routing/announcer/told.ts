import type { Stay } from '../../core/exchange.js';
import { LISTS, type CatalogKind } from '../catalog/list-kind.js';
import type { ListKind } from '../../upstream/index.js';
import type { ListListener } from './list-listener.js';

/** A mark of each list that somebody is told of, as `Showing.shown`. */
export type Marks = ReadonlyMap<CatalogKind, string>;

/** Stands where nobody can say which list somebody has: it is another one than any. */
export const IN_DOUBT = '?';

/** A list as a route showed it. */
export interface ShownList {
  /** Name of the route. */
  readonly route: string;
  readonly kind: CatalogKind;
  /** As `Showing.shown`. */
  readonly mark: string;
}

/** What those who are shown the same on a route were told last. */
export class Told {
  /** A mark of each list that somebody asked for. */
  private readonly marks: Map<CatalogKind, string>;
  /** Lists that were told to one of them differently since: the others are behind. */
  private readonly behind = new Map<ListKind, Stay | undefined>();
  /** Those who asked and are still here. */
  readonly askers = new Set<Stay>();

  constructor(
    readonly route: string,
    /** Of the showing; undefined for the one that is everybody's. */
    readonly key: string | undefined,
    /** The only one who is told, where it listens instead of asking. */
    readonly listener?: ListListener,
    marks?: Marks,
  ) {
    this.marks = new Map(marks);
  }

  /** One of those who asked. */
  get asker(): Stay | undefined {
    const [first] = this.askers;
    return first;
  }

  get kinds(): Iterable<CatalogKind> {
    return this.marks.keys();
  }

  /** A list was shown to one of them. True when the others have to hear that it is another one now. */
  answered(kind: CatalogKind, mark: string, stay: Stay): boolean {
    const before = this.marks.get(kind);
    if (before === mark) return false;
    this.marks.set(kind, mark);
    if (before === undefined) return false;
    const { capability } = LISTS[kind];
    // Whoever asked second knows no less than whoever asked first, but not for sure more.
    this.behind.set(capability, this.behind.has(capability) ? undefined : stay);
    return true;
  }

  /** Whether another list than this was told last; false where none was. */
  isBehind(kind: CatalogKind, mark: string): boolean {
    const before = this.marks.get(kind);
    return before !== undefined && before !== mark;
  }

  /** Nobody can say any more what was told last: the next comparison finds it to be another list. */
  doubt(kind: CatalogKind): void {
    this.marks.set(kind, IN_DOUBT);
  }

  /** Goes on from a list that one of them knows already; where others do, from theirs. */
  resume(kind: CatalogKind, mark: string): void {
    if (!this.marks.has(kind)) this.marks.set(kind, mark);
  }

  /** Compares with what is known now. True when it is another list than the one that was told last. */
  differs(kind: CatalogKind, mark: string): boolean {
    if (this.marks.get(kind) === mark) return false;
    this.marks.set(kind, mark);
    return true;
  }

  /** What the others have to hear because of an answer, with the one who has it already. Forgets it. */
  takeBehind(): readonly (readonly [ListKind, Stay | undefined])[] {
    const behind = [...this.behind];
    this.behind.clear();
    return behind;
  }
}
