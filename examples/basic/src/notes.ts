import { type McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpError } from '@modelcontextprotocol/sdk/types.js';

const NOTES: Readonly<Record<string, string>> = {
  welcome: '# Welcome\n\nThis server has tools, notes and prompts. See note://balancing and note://cancelling.\n',
  balancing: '# Balancing\n\nStart several replicas and call server_info: its `instance` tells which one answered.\n',
  cancelling: '# Cancelling\n\nCall count_down with a progress token, then cancel it: the numbers stop at once.\n',
};

const RESOURCE_NOT_FOUND = -32_002;

/** Registers the notes: one template, which also lists every note and completes their names. */
export function registerNotes(server: McpServer): void {
  const names = Object.keys(NOTES);
  const template = new ResourceTemplate('note://{name}', {
    list: () => ({ resources: names.map((name) => ({ uri: `note://${name}`, name, mimeType: 'text/markdown' })) }),
    complete: { name: (typed) => names.filter((name) => name.startsWith(typed)) },
  });
  const metadata = { title: 'Notes', description: 'Notes about this server', mimeType: 'text/markdown' };

  server.registerResource('note', template, metadata, (uri, { name }) => ({
    contents: [{ uri: uri.href, mimeType: 'text/markdown', text: read(String(name), uri) }],
  }));
}

function read(name: string, uri: URL): string {
  const text = Object.hasOwn(NOTES, name) ? NOTES[name] : undefined;
  if (text === undefined) throw new McpError(RESOURCE_NOT_FOUND, `there is no note "${name}"`, { uri: uri.href });
  return text;
}
