import type { Target } from '../../core/exchange.js';
import type { MergedList, MergedLists } from '../merge/merged-list.js';
import { bearsPrefix, restoreUri } from '../naming.js';
import type { Directory, Lookup, StrictDirectory } from './directory.js';
import type { KeptList } from './group-lists.js';
import type { Member } from './member.js';

/**
 * What a route of several groups shows, each thing with where it came from. A look-up that is answered from
 * what is known is answered at once; one that is not asks the groups whose lists are missing or out of date,
 * together with whoever else asks, and only once.
 */
export class Catalog implements Directory, StrictDirectory {
  private readonly byName: ReadonlyMap<string, Member>;
  /** Whoever is left when nobody else owns a URI. */
  private readonly fallback: Member | undefined;

  constructor(
    private readonly members: readonly Member[],
    private readonly merged: MergedLists,
    /** What everybody is shown, beside what a holder is: names that it was not told yet are looked up there. */
    private readonly beside?: Catalog,
  ) {
    this.byName = new Map(members.map((member) => [member.name, member]));
    const unprefixed = members.filter(({ prefix }) => prefix === '');
    this.fallback = unprefixed.length === 1 ? unprefixed[0] : undefined;
  }

  named(kind: 'tools' | 'prompts', name: string): Lookup {
    const list = this.merged[kind];
    const found = list.find(name);
    if (found ? !this.mustAsk(kind, found) : this.isCurrent(kind)) return found;
    const elsewhere = found ? undefined : this.beside?.merged[kind].find(name);
    if (elsewhere) return elsewhere;
    return refreshed(list, name).then((found) => found ?? this.guess(kind, name));
  }

  confines(kind: 'tools' | 'prompts'): boolean {
    for (const { lists } of this.members) if (lists.confines(kind)) return true;
    return false;
  }

  resource(uri: string): Lookup {
    const found = this.owner(uri);
    if (found) return found;
    const nobodyElse = this.members.length === 1 && this.fallback;
    if (nobodyElse || (this.isCurrent('inventory') && this.isCurrent('templates'))) return this.leftOver(uri);
    const elsewhere = this.beside?.owner(uri);
    if (elsewhere) return elsewhere;
    return Promise.all([this.reload('inventory'), this.reload('templates')]).then(
      () => this.owner(uri) ?? this.leftOver(uri),
    );
  }

  reference(uri: string): Lookup {
    const { templates } = this.merged;
    const found =
      templates.find(uri) ?? (this.isCurrent('templates') ? undefined : this.beside?.merged.templates.find(uri));
    if (found || this.isCurrent('templates')) return found ?? this.resource(uri);
    return refreshed(templates, uri).then((found) => found ?? this.resource(uri));
  }

  private owner(uri: string): Target | undefined {
    const told = this.members.find((member) => member.prefix === '' && member.lists.owns(uri));
    if (told) return { group: told.name, name: uri };
    for (const { name: group, prefix } of this.members) {
      const name = prefix === '' ? undefined : restoreUri(prefix, uri);
      if (name !== undefined) return { group, name };
    }
    // A model may have seen the group's own form in some text; web addresses have no other.
    const owner =
      this.members.find(({ lists }) => lists.owns(uri)) ?? this.members.find((member) => member.mayOwn(uri));
    return owner && { group: owner.name, name: uri };
  }

  private leftOver(uri: string): Target | undefined {
    return this.fallback?.lists.offers('resources') ? { group: this.fallback.name, name: uri } : undefined;
  }

  /** While a group's list was never told, a name that may be its own is its own: it fails as the group does. */
  private guess(kind: KeptList, exposed: string): Target | undefined {
    const untold = this.members.filter(({ lists }) => !lists.known(kind) && !lists.confines(kind));
    const prefixed = untold.find(({ prefix }) => prefix !== '' && bearsPrefix(prefix, exposed));
    if (prefixed) return { group: prefixed.name, name: exposed.slice(prefixed.prefix.length + 2) };
    const plain = untold.find(({ prefix }) => prefix === '');
    return plain && { group: plain.name, name: exposed };
  }

  /** Whether what is known of it may have changed in the meantime, where it may then not be used any more. */
  private mustAsk(kind: KeptList, { group }: Target): boolean {
    return this.byName.get(group)?.lists.mustBeAsked(kind) === true;
  }

  private isCurrent(kept: KeptList): boolean {
    return this.members.every(({ lists }) => lists.current(kept));
  }

  /** What could not be asked stays as it was. */
  private async reload(kept: KeptList): Promise<void> {
    await Promise.allSettled(this.members.map(({ lists }) => lists.load(kept)));
  }
}

/** What a list says once it was asked for anew, as far as it could be. Never rejects. */
async function refreshed(list: MergedList, exposed: string): Promise<Target | undefined> {
  try {
    return (await list.load()).find(exposed);
  } catch {
    return undefined;
  }
}
