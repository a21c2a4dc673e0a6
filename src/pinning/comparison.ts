import { readableJson } from './canonical-json.js';
import { lineDifference, type ComparedLine } from './line-difference.js';
import type { ApprovedTools } from './lock-file.js';
import type { DescribedTool } from './tool-definition.js';

/** How one tool differs from what was approved. */
export interface ToolDifference {
  readonly group: string;
  readonly tool: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** The definition as JSON, line by line. */
  readonly lines: readonly ComparedLine[];
  /** It cannot be approved: a key stands twice in it. */
  readonly isAmbiguous: boolean;
}

/** What a group tells, by name, against what was approved of it; in the order of names. */
export function compareTools(
  group: string,
  approved: ApprovedTools,
  told: ReadonlyMap<string, DescribedTool>,
): ToolDifference[] {
  const names = [...new Set([...approved.keys(), ...told.keys()])].sort();
  return names.flatMap((tool): ToolDifference[] => {
    const [before, after] = [approved.get(tool), told.get(tool)];
    const isAmbiguous = after?.isAmbiguous ?? false;
    if (before?.sha256 === after?.sha256 && !isAmbiguous) return [];
    const change = before ? (after ? 'changed' : 'removed') : 'added';
    return [{ group, tool, change, lines: lineDifference(linesOf(before), linesOf(after)), isAmbiguous }];
  });
}

/** Descriptions are compared line by line as well. */
function linesOf(tool: Pick<DescribedTool, 'definition'> | undefined): string[] {
  if (!tool) return [];
  const { description } = tool.definition;
  const isLong = typeof description === 'string' && description.includes('\n');
  const shown = isLong ? { ...tool.definition, description: description.split('\n') } : tool.definition;
  return readableJson(shown).split('\n');
}
