import { JsonBytes, type JsonValue } from '../../core/json.js';
import type { McpResult } from '../../core/message.js';
import { elements, members, objectOf, stringAt, type Member } from '../../core/walk.js';
import { mirrorRules } from '../../protocol/index.js';

const EXECUTION = Buffer.from('"execution"');
const COMMA = Buffer.from(',');
const DECLARATION = 'x-mcp-header';
const ESCAPE = '\\u';

/**
 * A list of tools in legacy words without what no modern client can use: what only 2025-11-25 knows of tasks, which is
 * how each tool takes them and the tools that cannot do without, and tools that declare headers in a way that clients
 * must refuse. The very same where nothing of that stands in it. All else stands in it byte for byte.
 *
 * @see https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/tasks#tool-level-negotiation
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
 */
export function modernTools(reply: McpResult): McpResult {
  const { bytes } = reply.json;
  if (!bytes.includes(EXECUTION) && !mayDeclareHeaders(bytes)) return reply;
  const all = members(bytes);
  const tools = all.findLast(({ key }) => key === 'tools');
  if (!tools) return reply;
  const shaped = elements(bytes, tools.value[0]).flatMap(([start, end]) => shapedTool(bytes, start, end) ?? []);
  const list = Buffer.concat(shaped.flatMap((tool, at) => (at === 0 ? [tool] : [COMMA, tool])));
  const others = all.filter(({ key }) => key !== 'tools');
  return { ...reply, json: new JsonBytes(objectOf(bytes, others, `"tools":[${list.toString()}]`)) };
}

/** Undefined for a tool that runs as a task or not at all, or declares headers wrongly. */
function shapedTool(bytes: Buffer, start: number, end: number): Buffer | undefined {
  const all = members(bytes, start);
  const schema = all.findLast(({ key }) => key === 'inputSchema');
  if (schema && declaresWrongly(bytes.subarray(...schema.value))) return undefined;
  const execution = all.findLast(({ key }) => key === 'execution');
  if (!execution) return bytes.subarray(start, end);
  if (taskSupport(bytes, execution) === 'required') return undefined;
  return objectOf(
    bytes,
    all.filter(({ key }) => key !== 'execution'),
  );
}

/** A key may also be written with escapes; then it is read before it is judged. */
function mayDeclareHeaders(bytes: Buffer): boolean {
  return bytes.includes(DECLARATION) || bytes.includes(ESCAPE);
}

function declaresWrongly(schema: Buffer): boolean {
  return mayDeclareHeaders(schema) && mirrorRules(JSON.parse(schema.toString()) as JsonValue) === 'invalid';
}

function taskSupport(bytes: Buffer, { value }: Member): string | undefined {
  const support = members(bytes, value[0]).findLast(({ key }) => key === 'taskSupport');
  return support && stringAt(bytes, support.value);
}
