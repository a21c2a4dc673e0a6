/** The lists of an MCP server that can change. */
export type ListKind = 'tools' | 'prompts' | 'resources';
