import type { Clock } from '../../core/clock.js';
import { isObject } from '../../core/json.js';
import type { Group } from '../../upstream/index.js';
import { drain, type ListBounds, type Listing } from './drain.js';
import { LISTS, type CatalogKind } from './list-kind.js';
import type { ListSettings } from './list-settings.js';

/**
 * One list of one group, asked for when it is needed and kept while it can be trusted: until the server says
 * that it changed, where the server promised to say so; for `ttl` where it did not. However many ask at once,
 * the server is asked once.
 */
export class GroupList {
  private expiresAt = 0;
  /** Grows whenever the list may have changed; what was asked for before is then not trusted. */
  private changes = 0;
  private trusted = -1;
  private loading: { readonly changes: number; readonly listing: Promise<Listing> } | undefined;
  private failure: { readonly thrown: unknown; readonly until: number } | undefined;

  constructor(
    private readonly group: Group,
    private readonly kind: CatalogKind,
    private readonly bounds: ListBounds,
    private readonly settings: ListSettings,
    private readonly clock: Clock,
    /** What stands in until it was asked for: as it was told in an earlier generation. */
    private listing?: Listing,
  ) {}

  /** The list as it was told last, however long ago. */
  get known(): Listing | undefined {
    return this.listing;
  }

  /** The list, when nobody has to be asked. */
  get current(): Listing | undefined {
    return this.trusted === this.changes && this.clock.now() < this.expiresAt ? this.listing : undefined;
  }

  /** It may have changed: whoever asks next gets it from the server. */
  changed(): void {
    this.changes++;
    this.failure = undefined;
  }

  /** Asks the server, or joins whoever asks already. @throws as `drain` */
  load(): Promise<Listing> {
    if (this.loading?.changes === this.changes) return this.loading.listing;
    const { failure } = this;
    if (failure && this.clock.now() < failure.until) return Promise.reject(failure.thrown);

    const loading = { changes: this.changes, listing: this.ask(this.changes) };
    this.loading = loading;
    const ended = () => {
      if (this.loading === loading) this.loading = undefined;
    };
    loading.listing.then(ended, ended);
    return loading.listing;
  }

  private async ask(changes: number): Promise<Listing> {
    const start = this.clock.now();
    try {
      const listing = await drain(this.group, this.kind, this.bounds, start + this.settings.timeout);
      // An answer from before the last change must not hide one from after it.
      if (changes >= this.trusted) this.keep(listing, changes);
      return listing;
    } catch (thrown) {
      // A slow server is left alone for as long as it kept everybody waiting.
      const now = this.clock.now();
      if (changes === this.changes) this.failure = { thrown, until: now + (now - start) };
      throw thrown;
    }
  }

  private keep(listing: Listing, changes: number): void {
    this.listing = listing;
    this.trusted = changes;
    this.failure = undefined;
    this.expiresAt = this.announcesChanges() ? Infinity : this.clock.now() + this.settings.ttl;
  }

  private announcesChanges(): boolean {
    const capability = this.group.peer?.capabilities[LISTS[this.kind].capability];
    return isObject(capability) && capability['listChanged'] === true;
  }
}
