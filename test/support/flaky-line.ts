import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A line to a port of this machine whose connections break when a test says so. */
export class FlakyLine {
  private readonly open = new Set<Socket>();
  /** How many connections were made. */
  connections = 0;
  private readonly server: Server;

  private constructor(to: number) {
    this.server = createServer((client) => {
      this.connections++;
      const target = connect(to, '127.0.0.1');
      for (const socket of [client, target]) {
        this.open.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.open.delete(socket);
          client.destroy();
          target.destroy();
        });
      }
      client.pipe(target).pipe(client);
    });
  }

  static async to(url: string): Promise<FlakyLine> {
    const line = new FlakyLine(Number(new URL(url).port));
    line.server.listen(0, '127.0.0.1');
    await once(line.server, 'listening');
    return line;
  }

  /** The same place by way of this line. */
  url(path = '/mcp'): URL {
    return new URL(path, `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  /** Breaks every connection, without a word to either side. */
  cut(): void {
    for (const socket of this.open) socket.resetAndDestroy();
  }

  close(): void {
    this.cut();
    this.server.close();
  }
}
