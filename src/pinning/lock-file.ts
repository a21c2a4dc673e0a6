import { isObject, type JsonObject, type JsonValue } from '../core/json.js';
import { hasTwins } from '../core/twins.js';
import { readableJson, visible } from './canonical-json.js';
import { sha256Of, type ToolDefinition } from './tool-definition.js';

const VERSION = 1;

/** The approved tools of one group, by their own names. */
export type ApprovedTools = ReadonlyMap<string, ToolDefinition>;

/** What was approved, by group. */
export type Approvals = ReadonlyMap<string, ApprovedTools>;

/** Something is wrong with a lock file. The message is a sentence for whoever looks after it. */
export class BrokenLock extends Error {
  override readonly name = 'BrokenLock';
}

/** @throws BrokenLock */
export function readLock(text: string): Approvals {
  try {
    return readGroups(text);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw new BrokenLock('it is too deep');
    throw thrown;
  }
}

function readGroups(text: string): Approvals {
  const { version, groups } = objectIn(text);
  if (version !== VERSION) throw new BrokenLock(`it is not of version ${VERSION}, the only one that is known here`);
  if (!isObject(groups)) throw new BrokenLock('it has no "groups"');
  return new Map(
    Object.entries(groups).map(([group, tools]) => {
      if (!isObject(tools)) throw new BrokenLock(`group ${quoted(group)} is not an object`);
      return [group, new Map(Object.entries(tools).map(([name, block]) => [name, readBlock(group, name, block)]))];
    }),
  );
}

/** A lock file as people review it: one block a tool, in the order of names, whatever order they were told in. */
export function writeLock(approvals: Approvals): string {
  const groups = inOrder(approvals).map(([group, tools]) => {
    const blocks = inOrder(tools).map(
      ([name, tool]) => `      ${quoted(name)}: ${readableJson(blockOf(tool), '      ')}`,
    );
    return `    ${quoted(group)}: ${braced(blocks, '    ')}`;
  });
  return `{\n  "version": ${VERSION},\n  "groups": ${braced(groups, '  ')}\n}\n`;
}

function braced(parts: readonly string[], indent: string): string {
  return parts.length === 0 ? '{}' : `{\n${parts.join(',\n')}\n${indent}}`;
}

/** A description of several lines stands there line by line, so that a change of one shows as that. */
function blockOf({ definition, sha256 }: ToolDefinition): JsonObject {
  const { description, ...others } = definition;
  if (typeof description !== 'string' || !description.includes('\n')) return { definition, sha256 };
  return { definition: others, description: description.split('\n'), sha256 };
}

function readBlock(group: string, name: string, block: JsonValue | undefined): ToolDefinition {
  const where = `tool ${quoted(name)} of group ${quoted(group)}`;
  if (!isObject(block) || !isObject(block['definition'])) throw new BrokenLock(`${where} has no "definition"`);
  const { description: lines, sha256 } = block;
  const isInLines = Array.isArray(lines) && lines.every((line) => typeof line === 'string');
  const definition = isInLines ? { ...block['definition'], description: lines.join('\n') } : block['definition'];
  if (definition['name'] !== name) throw new BrokenLock(`${where} has the definition of another tool`);
  if (sha256 !== sha256Of(definition)) {
    throw new BrokenLock(`${where} does not fit its sha256: it was changed by hand, or merged badly`);
  }
  return { definition, sha256 };
}

function objectIn(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BrokenLock('it is not JSON');
  }
  if (!isObject(value)) throw new BrokenLock('it is not a JSON object');
  // Whoever reviewed it may have read the other one.
  if (hasTwins(Buffer.from(text))) throw new BrokenLock('a key stands twice in it: it was merged badly');
  return value;
}

function inOrder<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => Number(a > b) - Number(a < b));
}

function quoted(name: string): string {
  return visible(JSON.stringify(name));
}
