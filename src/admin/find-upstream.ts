import type { GroupStatus, ServerStatus } from './upstream.view.js';

/**
 * What a name in the admin API means: the id of a server (that of the first group that has one), else
 * `group/server`, else a group.
 */
export function findUpstream(groups: readonly GroupStatus[], name: string): ServerStatus | GroupStatus | undefined {
  const servers = groups.flatMap((group) => group.servers);
  const server = servers.find(({ id }) => id === name) ?? servers.find(({ id, group }) => `${group}/${id}` === name);
  return server ?? groups.find((candidate) => candidate.name === name);
}
