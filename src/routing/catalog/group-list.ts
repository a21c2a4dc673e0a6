import { isObject } from '../../core/json.js';
import type { Freshness } from '../../core/message.js';
import { drain, type Listing, type ListQuery, type Told } from './drain.js';
import { remaining, STALE, type Lifetime } from './freshness.js';
import { LISTS } from './list-kind.js';
import type { ListTools } from './list-tools.js';

/**
 * One list of one group, asked for when it is needed and kept while it can be trusted: as long as a modern server
 * says, and of others until the server says that it changed, where it promised to say so, for `ttl` where it did
 * not. However many ask at once, the server is asked once.
 */
export class GroupList {
  private listing: Listing | undefined;
  private expiresAt = 0;
  /** Undefined where the server has no word for it. */
  private lifetime: Lifetime | undefined;
  /** Grows whenever the list may have changed; what was asked for before is then not trusted. */
  private changes = 0;
  private trusted = -1;
  private loading: { readonly changes: number; readonly listing: Promise<Listing> } | undefined;
  private failure: { readonly thrown: unknown; readonly until: number } | undefined;

  constructor(
    private readonly query: ListQuery,
    private readonly tools: ListTools,
    /** What stands in until it was asked for: as it was told in an earlier generation. */
    earlier?: Pick<GroupList, 'known' | 'hasChanged'>,
  ) {
    this.listing = earlier?.known;
    if (earlier?.hasChanged) this.changes = 1;
  }

  /** The list as it was told last, however long ago. */
  get known(): Listing | undefined {
    return this.listing;
  }

  /** Whether the server said that it changed since it was told. */
  get hasChanged(): boolean {
    return this.listing !== undefined && this.changes > Math.max(this.trusted, 0);
  }

  /** Whether it may have changed since it was told, or was never told in this generation. */
  get doubted(): boolean {
    return this.trusted !== this.changes;
  }

  /** The list, when nobody has to be asked. */
  get current(): Listing | undefined {
    return this.trusted === this.changes && this.tools.clock.now() < this.expiresAt ? this.listing : undefined;
  }

  /** How long and by whom what was told of the list may be used again; not at all once it was told anew or may have changed. */
  freshness(listing: Listing): Freshness {
    const { lifetime } = this;
    if (!lifetime || listing !== this.listing || this.trusted !== this.changes) return STALE;
    return remaining(lifetime, this.tools.clock.now());
  }

  /** It may have changed: whoever asks next gets it from the server. */
  changed(): void {
    this.changes++;
    this.failure = undefined;
  }

  /**
   * Asks the server, or joins whoever asks already.
   *
   * @param preferred id of the server that is asked if it is up
   * @throws as `drain`
   */
  load(preferred?: string): Promise<Listing> {
    if (this.loading?.changes === this.changes) return this.loading.listing;
    const { failure } = this;
    if (failure && this.tools.clock.now() < failure.until) return Promise.reject(failure.thrown);

    const loading = { changes: this.changes, listing: this.ask(this.changes, preferred) };
    this.loading = loading;
    const ended = () => {
      if (this.loading === loading) this.loading = undefined;
    };
    loading.listing.then(ended, ended);
    return loading.listing;
  }

  private async ask(changes: number, preferred: string | undefined): Promise<Listing> {
    const start = this.tools.clock.now();
    try {
      const told = await drain({ ...this.query, preferred }, this.tools, start + this.tools.settings.timeout);
      const listing = this.tools.listings.add(told.listing.hash, told.listing);
      // An answer from before the last change must not hide one from after it.
      if (changes >= this.trusted) this.keep({ ...told, listing }, changes);
      return listing;
    } catch (thrown) {
      // A slow server is left alone for as long as it kept everybody waiting.
      const now = this.tools.clock.now();
      if (changes === this.changes) this.failure = { thrown, until: now + (now - start) };
      throw thrown;
    }
  }

  private keep({ listing, lifetime }: Told, changes: number): void {
    this.listing = listing;
    this.lifetime = lifetime;
    this.trusted = changes;
    this.failure = undefined;
    if (lifetime) this.expiresAt = lifetime.until;
    else this.expiresAt = this.announcesChanges() ? Infinity : this.tools.clock.now() + this.tools.settings.ttl;
  }

  private announcesChanges(): boolean {
    const { source, kind } = this.query;
    const capability = source.group.peer?.capabilities[LISTS[kind].capability];
    return isObject(capability) && capability['listChanged'] === true;
  }
}
