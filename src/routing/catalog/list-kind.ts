import type { ListKind } from '../../upstream/index.js';

/** What a catalog holds. Templates are listed by themselves, but belong to the resources of a server. */
export type CatalogKind = 'tools' | 'prompts' | 'resources' | 'templates';

export interface ListTraits {
  readonly method: string;
  /** The member of the result that holds the list. */
  readonly member: string;
  /** The member of an item that it is asked for by. */
  readonly key: 'name' | 'uri' | 'uriTemplate';
  /** The capability without which a server has no such list; also what its change is announced as. */
  readonly capability: ListKind;
}

export const LISTS = {
  tools: { method: 'tools/list', member: 'tools', key: 'name', capability: 'tools' },
  prompts: { method: 'prompts/list', member: 'prompts', key: 'name', capability: 'prompts' },
  resources: { method: 'resources/list', member: 'resources', key: 'uri', capability: 'resources' },
  templates: {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    key: 'uriTemplate',
    capability: 'resources',
  },
} as const satisfies Record<CatalogKind, ListTraits>;
