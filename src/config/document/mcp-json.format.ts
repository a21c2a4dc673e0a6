import { isTable } from '../../extension/index.js';
import type { ProblemReport } from '../../core/events.js';
import { ConfigRejection } from '../problem.js';
import { type ConfigDocument, emptyTable, type RawTable, unreadable } from './config-document.js';
import { jsonPositions } from './json-positions.js';
import { Positions } from './positions.js';
import { slugs } from './slug.js';

/** Members of an entry that mean the same for us. Others belong to the program the file was written for. */
const TAKEN = ['url', 'command', 'args', 'env', 'cwd', 'headers'] as const;

const KNOWN_TYPES = new Set(['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse', 'ws', 'websocket']);

/**
 * Reads `{"mcpServers": {"name": …}}`, the file that MCP clients keep their servers in. Each entry becomes
 * a group of one server; `"disabled": true` leaves one out.
 *
 * @throws ConfigRejection when it is no such file, or an entry asks for what is not supported
 */
export function readMcpJson(text: string, file: string): ConfigDocument {
  const entries = entriesOf(text, file);
  const source = jsonPositions(text);
  const groups = emptyTable();
  const positions = new Positions(text);
  const problems: ProblemReport[] = [];
  for (const [name, group] of slugs(Object.keys(entries))) {
    const entry = entries[name];
    const message = objection(entry);
    if (message) {
      problems.push({ file, ...source.find(['mcpServers', name]), key: `mcpServers.${name}`, message });
    } else if (isTable(entry) && entry['disabled'] !== true) {
      groups[group] = Object.assign(emptyTable(), { servers: [serverOf(group, entry)] });
      copyPositions(source, positions, { name, group, entry });
    }
  }
  if (problems.length > 0) throw new ConfigRejection(problems);
  const upstream = Object.assign(emptyTable(), { groups });
  return { file, tree: Object.assign(emptyTable(), { upstream }), positions };
}

function entriesOf(text: string, file: string): RawTable {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (thrown) {
    const offset = /at position (\d+)/.exec(String(thrown))?.[1];
    throw unreadable(file, 'not JSON', offset ? new Positions(text).at(Number(offset)) : {});
  }
  const entries = isTable(parsed) ? parsed['mcpServers'] : undefined;
  if (!isTable(entries)) throw unreadable(file, 'has no "mcpServers" object', { line: 1, column: 1 });
  return entries;
}

function objection(entry: unknown): string | undefined {
  if (!isTable(entry)) return 'must be an object';
  const { type } = entry;
  if (type === undefined || (typeof type === 'string' && KNOWN_TYPES.has(type))) return undefined;
  return `unknown type; known: ${[...KNOWN_TYPES].join(', ')}`;
}

function serverOf(id: string, entry: RawTable): RawTable {
  const server = Object.assign(emptyTable(), { id });
  for (const member of TAKEN) {
    const value = entry[member];
    if (value !== undefined && value !== null) server[member] = isTable(value) ? withoutPrototype(value) : value;
  }
  // Of the others the address says enough, and many files say "http" for whatever is not a command.
  if (entry['type'] === 'sse') server['transport'] = 'sse';
  return server;
}

function withoutPrototype(table: RawTable): RawTable {
  const copy = emptyTable();
  for (const [key, value] of Object.entries(table)) copy[key] = value;
  return copy;
}

function copyPositions(
  source: Positions,
  positions: Positions,
  { name, group, entry }: { name: string; group: string; entry: RawTable },
): void {
  const from = ['mcpServers', name];
  const to = ['upstream', 'groups', group];
  positions.note(to, source.offsetOf(from));
  positions.note([...to, 'servers', 0, 'transport'], source.offsetOf([...from, 'type']));
  for (const member of TAKEN) {
    positions.note([...to, 'servers', 0, member], source.offsetOf([...from, member]));
    const value = entry[member];
    if (typeof value !== 'object' || value === null) continue;
    for (const step of Array.isArray(value) ? value.keys() : Object.keys(value)) {
      positions.note([...to, 'servers', 0, member, step], source.offsetOf([...from, member, step]));
    }
  }
}
