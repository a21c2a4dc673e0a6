import { setTimeout as delay } from 'node:timers/promises';

import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult, ToolAnnotations } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import { instance } from './instance.ts';

/** None of these tools changes anything or reaches beyond this process. */
const HARMLESS: ToolAnnotations = { readOnlyHint: true, destructiveHint: false, openWorldHint: false };
const REPEATABLE: ToolAnnotations = { ...HARMLESS, idempotentHint: true };

/** Registers every tool of the server. */
export function registerTools(server: McpServer): void {
  registerEcho(server);
  registerAdd(server);
  registerGetTime(server);
  registerCountDown(server);
  registerServerInfo(server);
}

function registerEcho(server: McpServer): void {
  server.registerTool(
    'echo',
    {
      title: 'Echo',
      description: 'Returns the text it is given.',
      inputSchema: { text: z.string().describe('What to return') },
      annotations: REPEATABLE,
    },
    ({ text }) => ({ content: [{ type: 'text', text }] }),
  );
}

function registerAdd(server: McpServer): void {
  server.registerTool(
    'add',
    {
      title: 'Add',
      description: 'Adds two numbers.',
      inputSchema: { a: z.number(), b: z.number() },
      outputSchema: { sum: z.number() },
      annotations: REPEATABLE,
    },
    ({ a, b }) => structured({ sum: a + b }),
  );
}

function registerGetTime(server: McpServer): void {
  server.registerTool(
    'get_time',
    {
      title: 'Get time',
      description: 'Tells the time in a time zone.',
      inputSchema: { timezone: z.string().default('UTC').describe('IANA name, for example Europe/Berlin') },
      outputSchema: { timezone: z.string(), local: z.string(), utc: z.string() },
      annotations: HARMLESS,
    },
    ({ timezone }) => {
      const now = new Date();

      // An unknown zone throws here; the SDK makes a tool error of it that the model can read.
      const local = now.toLocaleString('sv-SE', { timeZone: timezone });
      return structured({ timezone, local, utc: now.toISOString() });
    },
  );
}

function registerCountDown(server: McpServer): void {
  server.registerTool(
    'count_down',
    {
      title: 'Count down',
      description: 'Counts down to zero, reports its progress, and stops when it is cancelled.',
      inputSchema: {
        from: z.int().min(1).max(1_000).default(3),
        interval_ms: z.int().min(0).max(10_000).default(200).describe('Pause after each number'),
      },
      annotations: REPEATABLE,
    },
    async ({ from, interval_ms }, { signal, sendNotification, sessionId, _meta }) => {
      const progressToken = _meta?.progressToken;
      await server.sendLoggingMessage({ level: 'info', logger: 'count_down', data: `from ${from}` }, sessionId);

      for (let left = from; left > 0; left--) {
        if (progressToken !== undefined) {
          const params = { progressToken, progress: from - left + 1, total: from, message: `${left} …` };
          await sendNotification({ method: 'notifications/progress', params });
        }
        await delay(interval_ms, undefined, { signal });
      }
      return { content: [{ type: 'text', text: `Counted down from ${from}.` }] };
    },
  );
}

function registerServerInfo(server: McpServer): void {
  server.registerTool(
    'server_info',
    {
      title: 'Server info',
      description: 'Tells which replica of this server answers.',
      outputSchema: { instance: z.string(), pid: z.int(), node: z.string() },
      annotations: HARMLESS,
    },
    () => structured({ instance: instance.id, pid: instance.pid, node: process.version }),
  );
}

/** The value as structured content, and as text for clients that predate it. */
function structured(value: Record<string, unknown>): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(value) }], structuredContent: value };
}
