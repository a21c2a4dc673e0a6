import { offers } from '../../bridge/index.js';
import { GatewayError } from '../../core/errors.js';
import type { Freshness } from '../../core/message.js';
import type { MirrorRules } from '../../protocol/index.js';
import type { Group, ListKind } from '../../upstream/index.js';
import type { GroupHolder } from '../holder/group-holder.js';
import { askPage, EMPTY_LISTING, type Listing, type NextPage, type ToldPage } from './drain.js';
import { STALE } from './freshness.js';
import { GroupList } from './group-list.js';
import { KnownUris } from './known-uris.js';
import { LISTS, type CatalogKind } from './list-kind.js';
import type { ListSource } from './list-source.js';
import type { ListTools } from './list-tools.js';
import { mirrorsOf } from './mirrors.js';

/** The lists kept of a group. Resources are kept by their first page, which is shown, and whole, to look them up. */
export type KeptList = CatalogKind | 'inventory';

/** Links of one group that are remembered. */
const LINKED_URIS = 1_000;

const LIST_KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** What the lists of groups are kept with. */
export interface GroupListsTools extends ListTools {
  /** Hears that a list of a group may have changed. */
  readonly onChanged: (lists: GroupLists, kind: ListKind) => void;
}

/** What a group offers, as far as it is known: to everybody, or to a holder on its own session. */
export class GroupLists {
  private readonly lists: Readonly<Record<KeptList, GroupList>>;
  private readonly uris: KnownUris;
  /** Apart from the others, which they must not push out. */
  private readonly linked: KnownUris;
  private readonly indexed = new WeakSet<Listing>();
  private readonly stopListening: () => void;
  private waitUntil: number | undefined;
  private renewing: Promise<void> | undefined;

  /** @param earlier the same lists in the generation before: names stay known over a reload */
  constructor(
    readonly source: ListSource,
    private readonly tools: GroupListsTools,
    earlier?: GroupLists,
  ) {
    const { bounds } = tools.settings;
    const list = (kept: KeptList, pages = bounds.pages) => {
      const query = { source, kind: kindOf(kept), bounds: { ...bounds, pages } };
      return new GroupList(query, tools, earlier?.lists[kept]);
    };
    this.lists = {
      tools: list('tools'),
      prompts: list('prompts'),
      templates: list('templates'),
      resources: list('resources', 1),
      inventory: list('inventory'),
    };
    this.uris = earlier?.uris ?? new KnownUris(bounds.items);
    this.linked = earlier?.linked ?? new KnownUris(LINKED_URIS);
    this.stopListening = this.listen(source);
  }

  get group(): Group {
    return this.source.group;
  }

  /** Whose lists these are. Undefined for those that everybody is shown. */
  get holder(): GroupHolder | undefined {
    return this.source.holder;
  }

  /** Whether clients may be told that others may use what they were told as well. */
  get mayBePublic(): boolean {
    return this.tools.settings.mayBePublic;
  }

  /** Whether the group has such a list. One that was never reached counts as having everything. */
  offers(kept: KeptList): boolean {
    return offers(this.group.peer, LISTS[kindOf(kept)].capability);
  }

  /** The list, when nobody has to be asked for it. */
  current(kept: KeptList): Listing | undefined {
    if (!this.group.peer) return undefined;
    return this.offers(kept) ? this.shown(kept, this.lists[kept].current) : EMPTY_LISTING;
  }

  /** Whether the group said of a list that it changed, since it was told last. */
  hasChanged(kept: KeptList): boolean {
    return this.offers(kept) && this.lists[kept].hasChanged;
  }

  /** The list as it was told last, however long ago. */
  known(kept: KeptList): Listing | undefined {
    return this.offers(kept) ? this.shown(kept, this.lists[kept].known) : EMPTY_LISTING;
  }

  /** Whether nothing but what is listed may be used of this kind: tools may be kept from clients. */
  confines(kept: KeptList): boolean {
    return kept === 'tools' && this.tools.pinned.confines(this.group.name);
  }

  /** Whether what is known of the list is too old to let anything be used by it. */
  mustBeAsked(kept: KeptList): boolean {
    return this.confines(kept) && this.offers(kept) && this.lists[kept].doubted;
  }

  /** The list, asked for if need be. @throws as `drain`; `upstream_unavailable` while the group was never reached */
  async load(kept: KeptList, preferred?: string): Promise<Listing> {
    const listing = await this.told(kept, preferred);
    return this.shown(kept, listing) ?? listing;
  }

  /** As `load`, but all that the servers told, shown or not. */
  async told(kept: KeptList, preferred?: string): Promise<Listing> {
    await this.introduced();
    if (!this.offers(kept)) return EMPTY_LISTING;
    const ready = this.lists[kept].current;
    if (ready) return ready;
    const listing = await this.lists[kept].load(preferred);
    if (kindOf(kept) === 'resources') this.index(listing);
    return listing;
  }

  /** How long and by whom this list, as it was told, may be used again. Undefined where the group has no such list. */
  freshness(kept: KeptList, listing: Listing | undefined): Freshness | undefined {
    if (!this.offers(kept)) return undefined;
    const told = this.lists[kept].known;
    return listing && told && listing === this.shown(kept, told) ? this.lists[kept].freshness(told) : STALE;
  }

  /**
   * Which arguments of a tool, by the group's own name, its server wants to see repeated in headers; as far as is
   * known without asking.
   */
  mirrors(tool: string): MirrorRules | undefined {
    const listing = this.offers('tools') ? this.lists.tools.known : undefined;
    return listing && mirrorsOf(listing).get(tool);
  }

  /** As `mirrors`, for what clients were shown of the tool, which may be an older description. */
  shownMirrors(tool: string): MirrorRules | undefined {
    const listing = this.known('tools');
    return listing && mirrorsOf(listing).get(tool);
  }

  /**
   * Asks for the tools again, because a server has shown that they are others. However many noticed it, they are
   * asked for once. What could not be asked stays as it was; never rejects.
   *
   * @param server that has shown it: its replicas may be of another version
   */
  renewTools(server?: string): Promise<void> {
    if (this.renewing) return this.renewing;
    this.changed('tools');
    const ended = (): void => {
      this.renewing = undefined;
    };
    return (this.renewing = this.load('tools', server).then(ended, ended));
  }

  /** As `load`, for whoever has to know whether the list changed. */
  async reload(kind: CatalogKind): Promise<void> {
    await this.load(kind);
    if (kind === 'resources' && this.known('resources')?.next) await this.load('inventory');
  }

  /** A mark of the resources as they were told last: another one when they changed. */
  get resourcesMark(): string {
    const first = this.known('resources');
    return (first?.next ? this.known('inventory') : first)?.hash ?? '-';
  }

  /** Whether the group told of any resource when it was asked last. */
  get hasResources(): boolean {
    const first = this.known('resources');
    return first !== undefined && (first.items.length > 0 || first.next !== undefined);
  }

  /** A later page of the resources. @throws as `askPage` */
  async follow(next: NextPage, deadline: number): Promise<ToldPage> {
    const answer = await askPage({ source: this.source, kind: 'resources' }, this.tools, next, deadline);
    for (const { key } of answer.page.items) this.uris.add(key);
    return answer;
  }

  /** Whether the group has ever told this URI, in a list or as a link. */
  owns(uri: string): boolean {
    return this.uris.has(uri) || this.linked.has(uri);
  }

  /** A reply of the group linked to this URI. */
  link(uri: string): void {
    this.linked.add(uri);
  }

  /** Stops listening for changes. */
  close(): void {
    this.stopListening();
  }

  private shown(kept: KeptList, listing: Listing | undefined): Listing | undefined {
    return listing && kept === 'tools' ? this.tools.pinned.of(this.group.name, listing) : listing;
  }

  private listen(source: ListSource): () => void {
    const stopServers = this.listenToServers(source);
    // The servers told what they told: only what is shown of it is another.
    const stopPins = this.tools.pinned.listen(() => this.tools.onChanged(this, 'tools'));
    return () => {
      stopServers();
      stopPins();
    };
  }

  private listenToServers({ group, holder }: ListSource): () => void {
    const changed = (kind: ListKind): void => this.changed(kind);
    if (!holder) return group.listen({ listChanged: changed });
    // Replicas of the modern era have no session of the holder to say it on.
    const stopShared = group.listen({ listChanged: (kind) => group.era !== 'legacy' && changed(kind) });
    const stopOwn = holder.listen({
      listChanged: changed,
      renewed: () => LIST_KINDS.forEach(changed),
      // Nobody asks a server just because its session ended: that would open another one.
      lost: () => LIST_KINDS.forEach((kind) => this.doubt(kind)),
    });
    return () => {
      stopShared();
      stopOwn();
    };
  }

  private changed(kind: ListKind): void {
    this.doubt(kind);
    this.tools.onChanged(this, kind);
  }

  private doubt(kind: ListKind): void {
    for (const kept of Object.keys(this.lists) as KeptList[]) {
      if (LISTS[kindOf(kept)].capability === kind) this.lists[kept].changed();
    }
  }

  /** However many waited for it. */
  private index(listing: Listing): void {
    if (this.indexed.has(listing)) return;
    this.indexed.add(listing);
    for (const { key } of listing.items) this.uris.add(key);
  }

  /** Lists wait for a group that was never reached, but together only once: a dead group is not waited for again. */
  private async introduced(): Promise<void> {
    const { group, tools } = this;
    if (group.peer) return;
    this.waitUntil ??= tools.clock.now() + tools.settings.firstWait;
    if (tools.clock.now() < this.waitUntil) await group.whenIntroduced(this.waitUntil);
    if (!group.peer) throw new GatewayError('upstream_unavailable', 'no server of the group has been reached yet');
  }
}

function kindOf(kept: KeptList): CatalogKind {
  return kept === 'inventory' ? 'resources' : kept;
}
