import type { ApprovedTools, Approvals } from './lock-file.js';
import type { DescribedTool } from './tool-definition.js';

/** What the groups that could be asked tell of their tools, by name; undefined for a group that could not. */
export type ToldGroups = ReadonlyMap<string, ReadonlyMap<string, DescribedTool> | undefined>;

/** What is to be approved: a tool, or everything of a group. */
export interface Wanted {
  readonly group: string;
  readonly tool: string | undefined;
}

/**
 * What is approved from now on. Groups that could not be asked keep what they had, and so do tools that are
 * ambiguous.
 *
 * @param wanted undefined for everything; then groups that are not configured any more are forgotten
 */
export function approve(before: Approvals, told: ToldGroups, wanted: readonly Wanted[] | undefined): Approvals {
  const after = new Map(before);
  if (!wanted) for (const group of before.keys()) if (!told.has(group)) after.delete(group);
  for (const { group, tool } of wanted ?? Array.from(told.keys(), (group) => ({ group, tool: undefined }))) {
    const tools = told.get(group);
    if (!tools) continue;
    const names = tool === undefined ? [...(after.get(group)?.keys() ?? []), ...tools.keys()] : [tool];
    after.set(group, withTools(after.get(group) ?? new Map(), tools, names));
  }
  return after;
}

function withTools(
  before: ApprovedTools,
  told: ReadonlyMap<string, DescribedTool>,
  names: readonly string[],
): ApprovedTools {
  const after = new Map(before);
  for (const name of names) {
    const tool = told.get(name);
    if (!tool) after.delete(name);
    else if (!tool.isAmbiguous) after.set(name, { definition: tool.definition, sha256: tool.sha256 });
  }
  return after;
}
