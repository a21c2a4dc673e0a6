import type { GroupView, ServerView } from '../core/views.js';

export type FoundUpstream =
  { readonly kind: 'server'; readonly server: ServerView } | { readonly kind: 'group'; readonly group: GroupView };

/**
 * What a name in the admin API means: the id of a server (that of the first group that has one), else
 * `group/server`, else a group.
 */
export function findUpstream(groups: readonly GroupView[], name: string): FoundUpstream | undefined {
  const servers = groups.flatMap((group) => group.servers);
  const server = servers.find(({ id }) => id === name) ?? servers.find(({ id, group }) => `${group}/${id}` === name);
  if (server) return { kind: 'server', server };
  const group = groups.find((candidate) => candidate.name === name);
  return group && { kind: 'group', group };
}
