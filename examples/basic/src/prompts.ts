import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { GetPromptResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

const STYLES = ['casual', 'cheerful', 'formal', 'friendly'];
const LANGUAGES = ['go', 'java', 'javascript', 'python', 'rust', 'typescript'];

/** Registers every prompt of the server. */
export function registerPrompts(server: McpServer): void {
  server.registerPrompt(
    'greet',
    {
      title: 'Greet',
      description: 'Asks for a greeting in a given style.',
      argsSchema: {
        name: z.string().describe('Whom to greet'),
        style: completable(z.string().optional(), startingWith(STYLES)),
      },
    },
    ({ name, style = 'friendly' }) => userMessage(`Write a ${style} greeting for ${name}, in one sentence.`),
  );

  server.registerPrompt(
    'review_code',
    {
      title: 'Review code',
      description: 'Asks for a review of a piece of code.',
      argsSchema: { language: completable(z.string(), startingWith(LANGUAGES)), code: z.string() },
    },
    ({ language, code }) =>
      userMessage(`Review this ${language} code. Name the most important problem first.\n\n${code}`),
  );
}

function startingWith(values: readonly string[]): (typed: string | undefined) => string[] {
  return (typed = '') => values.filter((value) => value.startsWith(typed));
}

function userMessage(text: string): GetPromptResult {
  return { messages: [{ role: 'user', content: { type: 'text', text } }] };
}
