import { goldenClient, type GoldenAddress, type GoldenClient, type GoldenTransport } from './golden-clients.ts';
import { GoldenHttp } from './golden-http.ts';
import { expanded } from './golden-macros.ts';
import { GoldenMemory } from './golden-memory.ts';
import { GoldenModern } from './golden-modern.ts';
import type { GoldenServer } from './golden-server.ts';
import { GoldenUpstream } from './golden-upstream.ts';
import type { WsClient } from './raw-clients.ts';
import { ScriptedModern } from './scripted-modern.ts';
import type { ScriptedSessions } from './scripted-sessions.ts';

/** `C> [L 2025-11-25 «T»] {…}`: who speaks, how it travels, what is said. */
interface Line {
  readonly speaker: 'C>' | 'G<' | 'G>' | 'U<';
  readonly how: string;
  readonly said: string;
}

const LINE = /^(C>|G<|G>|U<) \[([^\]]*)\] (.*)$/;

export interface Stage extends GoldenAddress {
  readonly upstream: ScriptedSessions | ScriptedModern;
  /** Over which the clients speak that are no more than a name. */
  readonly transport?: GoldenTransport;
  /** Whether sessions with the upstream server are used by one exchange after the other. */
  readonly lends?: boolean;
  /** Tells the gateway to stop. */
  readonly stop?: () => void;
}

/**
 * Plays an exchange that is written down line by line, and compares what the gateway says with what is written,
 * member for member. In the end nobody may have heard more than is written.
 *
 * Marks: `C>` a client says, `G<` the gateway answers it, `G>` the gateway says to the upstream server, `U<` that one
 * answers. `∅` is an empty body. A string `«x»` stands for a value that is remembered under that name, or has to be
 * the one remembered.
 *
 * In brackets stands how it travels. Of clients: `A` over any transport (`A opens REVISION` introduces it with these
 * capabilities, `A connects REVISION` does not, `A own` is its session's own stream, `A closes`); `ws` or `ws A` a
 * WebSocket (`ws connects` is one that nobody introduces); `L revision session` a POST (`-` leaves a header out),
 * `M method name` or `M path method name` a modern POST with all headers that it needs, `GET path`, `POST path`, `DELETE session`, each with `as x` to name the stream it is
 * answered with and `| Header: value ; -Header`; `drop x` breaks that stream; `stop` tells the gateway to stop. Of answers: the status, `sse` for
 * an event of a stream, with `id=`, `event=`, `retry=`, `data=` of the very next one.
 *
 * Of the upstream server: the name of one of its sessions, `shared` for the one that was there before; `u opens` with
 * the capabilities it declares, `u closes`, `u any` for a message that may have overtaken others (each has a connection of its own over http), `u own` for its own stream, `u 404` for a status in answer to the id,
 * `u event id=x` for an event of the latest response, `u ends` for its end, `u drops` for a connection that breaks,
 * `u | Header: value`; `∅` is a GET that goes on with a stream.
 *
 * Of a modern upstream server: `M method name | Header: value` is what comes, with these `Mcp-` headers and no others,
 * `leaves` that nobody waits for the latest any more; `200` answers, `200 sse` and `sse` are events of the answer, and
 * `listen` is said to whoever listens.
 */
export class Golden {
  private readonly memory = new GoldenMemory();
  private readonly http: GoldenHttp;
  private readonly upstream: GoldenServer;
  private readonly sockets = new Map<string, WsClient>();
  private readonly clients = new Map<string, GoldenClient>();

  constructor(private readonly stage: Stage) {
    this.http = new GoldenHttp(stage.endpoint, this.memory);
    const { upstream, lends } = stage;
    this.upstream =
      upstream instanceof ScriptedModern
        ? new GoldenModern(upstream, this.memory)
        : new GoldenUpstream(upstream, this.memory, lends);
  }

  async play(text: string): Promise<void> {
    const lines = text.split('\n').map((line) => line.trim());
    try {
      for (const line of lines.filter((line) => line !== '' && !line.startsWith('#'))) await this.line(line);
      await this.silence();
    } finally {
      this.http.close();
      for (const { socket } of this.sockets.values()) socket.close();
      for (const client of this.clients.values()) await client.close();
    }
    await this.upstream.over();
  }

  private async line(text: string): Promise<void> {
    try {
      await this.step(parse(expanded(text)));
    } catch (thrown) {
      throw new Error(`at ${text}: ${(thrown as Error).message}`, { cause: thrown });
    }
  }

  private async step({ speaker, how, said }: Line): Promise<void> {
    if (speaker === 'C>') await this.clientSays(how, said === '∅' ? '' : this.memory.filled(said));
    else if (speaker === 'G<') await this.clientHears(how, said);
    else if (speaker === 'G>') await this.upstream.hears(how, said);
    else this.upstream.says(how, this.memory.filled(said));
  }

  private async clientSays(how: string, said: string): Promise<void> {
    if (GoldenHttp.says(how)) return this.http.say(how, said);
    if (how === 'stop') return this.stage.stop!();
    if (how.startsWith('ws')) {
      const { socket } = await this.socket(how);
      if (how.endsWith('connects')) return;
      return how.endsWith('binary') ? socket.send(Buffer.from('{}'), { binary: true }) : socket.send(said);
    }
    const [name = '', what, revision = ''] = how.split(' ');
    if (what === 'connects' || what === 'opens') await this.connect(name, revision);
    if (what === 'connects') return;
    if (what === 'opens') return this.open(name, revision, said);
    const client = this.client(name);
    if (what === undefined) return client.say(said);
    this.clients.delete(name);
    await client.close();
  }

  private async clientHears(how: string, said: string): Promise<void> {
    if (GoldenHttp.hears(how)) return this.http.hear(how, said);
    if (how.startsWith('ws')) return this.socketHears(how, said);
    const [name = '', own] = how.split(' ');
    const client = this.client(name);
    this.memory.compare(await (own ? client.own : client.replies).next(), said);
  }

  private async socketHears(how: string, said: string): Promise<void> {
    const [, closed] = / close (\d+)$/.exec(how) ?? [];
    const socket = await this.socket(how);
    if (closed !== undefined) expect(await socket.closed).toBe(Number(closed));
    else this.memory.compare(await socket.nextText(), said);
  }

  private client(name: string): GoldenClient {
    const client = this.clients.get(name);
    if (!client) throw new Error(`nobody is ${name}`);
    return client;
  }

  private async connect(name: string, revision: string): Promise<void> {
    this.clients.set(name, await goldenClient(this.stage.transport ?? 'websocket', this.stage, revision));
  }

  private async open(name: string, revision: string, capabilities: string): Promise<void> {
    const client = this.client(name);
    const params = `{"protocolVersion":"${revision}","capabilities":${capabilities},"clientInfo":{"name":"${name}","version":"1"}}`;
    await client.say(`{"jsonrpc":"2.0","id":"open","method":"initialize","params":${params}}`);
    this.memory.compare(
      await client.replies.next(),
      `{"jsonrpc":"2.0","id":"open","result":"«introduction of ${name}»"}`,
    );
    await client.say('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    await client.listen();
  }

  /** A WebSocket connects when it is first named. */
  private async socket(how: string): Promise<WsClient> {
    const [, name = ''] = /^ws( [A-Z])?/.exec(how) ?? [];
    const known = this.sockets.get(name);
    if (known) return known;
    const { endpoint } = this.stage;
    const opened = await (how.endsWith('connects') ? endpoint.connect() : endpoint.introduced());
    this.sockets.set(name, opened);
    return opened;
  }

  /** What is under way has arrived when each client has its answer to a last question; nothing may be left over. */
  private async silence(): Promise<void> {
    for (const [name, client] of this.clients) {
      await client.say('{"jsonrpc":"2.0","id":"last","method":"ping"}');
      await this.line(`G< [${name}] {"jsonrpc":"2.0","id":"last","result":{}}`);
      expect([...client.replies.rest, ...client.own.rest], `unexpected by ${name}`).toEqual([]);
    }
    expect(this.upstream.rest, 'unexpected by the upstream server').toEqual([]);
  }
}

function parse(text: string): Line {
  const [, speaker, how = '', said = ''] = LINE.exec(text) ?? [];
  if (speaker === undefined) throw new Error('not a line of an exchange');
  return { speaker: speaker as Line['speaker'], how, said };
}
