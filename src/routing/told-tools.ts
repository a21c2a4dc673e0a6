import { GatewayError } from '../core/errors.js';
import { ListRefused } from './catalog/drain.js';
import type { GroupLists } from './catalog/group-lists.js';

/** What a group tells of its tools. */
export interface ToldTools {
  readonly group: string;
  /** Each as its server describes it, by its own name. Empty where the group could not be asked. */
  readonly tools: ReadonlyMap<string, Buffer>;
  /** Why it could not be asked, or not to the end. */
  readonly failure: string | undefined;
}

/** @param deadline monotonic milliseconds until which a group that was not reached yet is waited for */
export async function toldToolsOf(lists: GroupLists, deadline: number): Promise<ToldTools> {
  const { name: group } = lists.group;
  try {
    await lists.group.whenIntroduced(deadline);
    const { items, next } = await lists.told('tools');
    const tools = new Map(items.map(({ key, bytes }) => [key, bytes]));
    return { group, tools, failure: next && 'its list of tools is longer than is read' };
  } catch (thrown) {
    return { group, tools: new Map(), failure: reasonOf(thrown) };
  }
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof ListRefused) return 'its server refused the list of tools';
  return GatewayError.from(thrown).message;
}
