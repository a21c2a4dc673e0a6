import { readMcpJson } from '../document/mcp-json.format.js';
import { FileSource } from './file.source.js';

/** A `{"mcpServers": {…}}` file as MCP clients have it: one group for each entry, defaults for the rest. */
export class McpJsonSource extends FileSource {
  constructor(name: string) {
    super(name, readMcpJson);
  }
}
