interface Message {
  readonly id?: string | number;
  readonly method?: string;
  readonly params?: { readonly protocolVersion?: string; readonly arguments?: { readonly text?: string } };
}

const TOOL = {
  name: 'echo',
  description: 'Returns the text it is given',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] },
};

/** What an MCP server with nothing but the tool `echo` answers, or nothing for a notification. */
export function replyTo(json: string): string | undefined {
  const { id, method, params } = JSON.parse(json) as Message;
  if (id === undefined || method === undefined) return undefined;

  const result = resultOf(method, params);
  const outcome = result ?? `"error":{"code":-32601,"message":"method not found"}`;
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},${outcome}}`;
}

function resultOf(method: string, params: Message['params']): string | undefined {
  switch (method) {
    case 'tools/call':
      return `"result":{"content":[{"type":"text","text":${JSON.stringify(params?.arguments?.text ?? '')}}]}`;
    case 'tools/list':
      return `"result":${JSON.stringify({ tools: [TOOL] })}`;
    case 'ping':
      return `"result":{}`;
    case 'initialize': {
      const { protocolVersion } = params ?? {};
      const serverInfo = { name: 'echo', version: '1.0.0' };
      return `"result":${JSON.stringify({ protocolVersion, capabilities: { tools: {} }, serverInfo })}`;
    }
    default:
      return undefined;
  }
}
