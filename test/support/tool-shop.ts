import { once } from 'node:events';
import { type AddressInfo } from 'node:net';

import { WebSocketServer } from 'ws';

type Json = Record<string, unknown>;

/** A legacy server whose tools are whatever a test says, even while it runs. It knows every tool, listed or not. */
export class ToolShop implements AsyncDisposable {
  /** As they stand in its list: JSON, or something to make JSON of. */
  tools: (Json | string)[] = [];
  /** Names of the tools that were called. */
  readonly called: string[] = [];
  lists = 0;

  private constructor(private readonly server: WebSocketServer) {}

  static async open(...tools: (Json | string)[]): Promise<ToolShop> {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const shop = new ToolShop(server);
    shop.tools = tools;
    server.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => {
        const { id, method, params } = JSON.parse(data.toString()) as Json;
        if (id !== undefined)
          socket.send(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},${shop.answer(method, params)}}`);
      });
    });
    return shop;
  }

  /** Keys of its `[[upstream.groups.NAME.servers]]`. */
  get toml(): string {
    return `url = "ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/"\nera = "legacy"`;
  }

  /** Has other tools from now on, and says so. */
  restock(...tools: (Json | string)[]): void {
    this.tools = tools;
    for (const client of this.server.clients) {
      client.send('{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.server.clients) client.terminate();
    await new Promise((done) => this.server.close(done));
  }

  private answer(method: unknown, params: unknown): string {
    switch (method) {
      case 'initialize':
        return '"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"shop","version":"1"}}';
      case 'tools/list': {
        this.lists++;
        const tools = this.tools.map((tool) => (typeof tool === 'string' ? tool : JSON.stringify(tool)));
        return `"result":{"tools":[${tools.join()}]}`;
      }
      case 'tools/call': {
        const { name } = params as { name: string };
        this.called.push(name);
        return `"result":${JSON.stringify({ content: [{ type: 'text', text: `${name} done` }] })}`;
      }
      case 'ping':
        return '"result":{}';
      default:
        return '"error":{"code":-32601,"message":"Method not found"}';
    }
  }
}

/** A tool with nothing special about it. */
export function plainTool(name: string, more: Json = {}): Json {
  return { name, description: `What ${name} does.`, inputSchema: { type: 'object' }, ...more };
}
