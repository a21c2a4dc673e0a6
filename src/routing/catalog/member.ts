import type { Target } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { McpReply } from '../../core/message.js';
import type { Group } from '../../upstream/index.js';
import { exposeName, exposeUri, markName } from '../naming.js';
import { exposeItem } from '../rewrite/items.js';
import { exposeInterim, exposeReply } from '../rewrite/replies.js';
import type { Listing } from './drain.js';
import type { GroupLists } from './group-lists.js';
import { LISTS, type CatalogKind } from './list-kind.js';
import type { ListItem } from './list-page.js';
import { UriTemplate } from './uri-template.js';

/** An item as a route shows it. */
export interface ExposedItem {
  /** Its name, URI or template on the route. */
  readonly exposed: string;
  readonly bytes: Buffer;
  readonly target: Target;
}

/** A group as one route shows it: under a prefix, or under its own names. */
export class Member {
  private readonly shown = new Map<
    CatalogKind,
    { readonly listing: Listing; readonly items: readonly ExposedItem[] }
  >();
  private matchers: { readonly listing: Listing; readonly templates: readonly UriTemplate[] } | undefined;
  private readonly relays = new WeakMap<Relay, Relay>();
  private readonly link = (uri: string): void => this.lists.link(uri);

  constructor(
    readonly group: Group,
    readonly lists: GroupLists,
    /** Empty for the group's own names. */
    readonly prefix: string,
  ) {}

  get name(): string {
    return this.group.name;
  }

  /** The items of a list of this group under their names on the route. Made once for a listing. */
  expose(kind: CatalogKind, listing: Listing): readonly ExposedItem[] {
    const last = this.shown.get(kind);
    if (last?.listing === listing) return last.items;
    const items = this.exposeItems(kind, listing.items);
    this.shown.set(kind, { listing, items });
    return items;
  }

  /** As `expose`, for items of one page that is not kept. */
  exposeItems(kind: CatalogKind, items: readonly ListItem[]): readonly ExposedItem[] {
    const shared = this.sharedNames(kind, items);
    return items.map(({ key, bytes }) => {
      const exposed = this.nameOf(kind, key, shared);
      return {
        exposed,
        bytes: this.prefix === '' ? bytes : exposeItem(this.prefix, kind, bytes, exposed),
        target: { group: this.name, name: key },
      };
    });
  }

  /** Whether one of the group's templates can make this URI of its own. */
  mayOwn(uri: string): boolean {
    const listing = this.lists.known('templates');
    if (!listing) return false;
    if (this.matchers?.listing !== listing) {
      this.matchers = { listing, templates: listing.items.map(({ key }) => new UriTemplate(key)) };
    }
    return this.matchers.templates.some((template) => template.matches(uri));
  }

  /** Whether the group is known to own a URI that the route shows as it is. */
  owns(uri: string): boolean {
    return this.lists.owns(uri) && exposeUri(this.prefix, uri) === uri;
  }

  /** A reply of this group as the route shows it; the links in it are remembered. */
  exposeReply(method: string, reply: McpReply): McpReply {
    return this.prefix === '' ? reply : exposeReply(this.prefix, method, reply, this.link);
  }

  /** What takes the messages that travel back from this group: it prefixes the URIs in them. */
  relayTo(relay: Relay): Relay {
    if (this.prefix === '') return relay;
    let exposing = this.relays.get(relay);
    if (!exposing) {
      exposing = (message, exchange) => relay(exposeInterim(this.prefix, message), exchange);
      this.relays.set(relay, exposing);
    }
    return exposing;
  }

  /** A name that had to be altered and is then that of another as well is told apart by a mark, wherever it stands. */
  private nameOf(kind: CatalogKind, key: string, shared: ReadonlySet<string>): string {
    if (LISTS[kind].key !== 'name') return exposeUri(this.prefix, key);
    const exposed = exposeName(this.prefix, key);
    return shared.has(exposed) && exposed !== `${this.prefix}__${key}` ? markName(this.prefix, key) : exposed;
  }

  /** What more than one item would be called. */
  private sharedNames(kind: CatalogKind, items: readonly ListItem[]): ReadonlySet<string> {
    const shared = new Set<string>();
    if (this.prefix === '' || LISTS[kind].key !== 'name') return shared;
    const seen = new Set<string>();
    for (const { key } of items) {
      const exposed = exposeName(this.prefix, key);
      if (seen.has(exposed)) shared.add(exposed);
      seen.add(exposed);
    }
    return shared;
  }
}
