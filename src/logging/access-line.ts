import type { Logger } from 'pino';

import { displayText } from '../core/display-text.js';
import type { GatewayEvents } from '../core/events.js';
import type { Exchange } from '../core/exchange.js';
import { METHOD_NAMES } from '../core/method-names.js';
import type { Peer } from '../core/peer.js';
import { Fragments } from './fragments.js';
import { millisecondsText, quoted } from './json-text.js';
import { LineBlock } from './line-block.js';
import { timestamp, writtenBindings } from './root-logger.js';

/** The levels that the access log has. */
export type AccessLevel = 'info' | 'warn';

/** What is longer is put together each time. UTF-16 units, as many as `displayText` leaves. */
const LONGEST_KEPT = 128;
const MAX_PLACES = 10_000;
const MAX_PEERS = 1_000;

const NOTHING = Buffer.alloc(0);
const LATENCY = Buffer.from(',"latency":');

/**
 * Writes the line of an exchange, letter for letter as pino would write it: a call of a logger takes ten times as
 * long. What comes again and again, who and where, is put together once.
 */
export class AccessLines {
  private readonly places = new Fragments<Buffer>(MAX_PLACES);
  private readonly peers = new Fragments<Buffer>(MAX_PEERS);
  private time = '';
  private heads: Readonly<Record<AccessLevel, Buffer>> = { info: NOTHING, warn: NOTHING };
  private readonly single = new LineBlock();

  /** @param logger whose bindings stand in every line */
  constructor(private readonly logger: Logger) {}

  /** Puts a line where it is to be written, with its line break. An undefined field is not written. */
  write(to: LineBlock, level: AccessLevel, { exchange, outcome }: GatewayEvents['exchange.finished']): void {
    const { status, reason, latencyMs } = outcome;
    to.piece(this.head(level)).text(quoted(exchange.id)).piece(this.where(exchange)).text(String(status));
    if (reason !== undefined) to.text(',"reason":').text(quoted(reason));
    to.piece(LATENCY).text(millisecondsText(latencyMs)).piece(this.who(exchange.peer)).end();
  }

  /** The line by itself. */
  line(level: AccessLevel, event: GatewayEvents['exchange.finished']): string {
    this.write(this.single, level, event);
    return this.single.take().toString();
  }

  /** Until the id: the same for all lines of a millisecond. */
  private head(level: AccessLevel): Buffer {
    const time = timestamp();
    if (time !== this.time) {
      this.time = time;
      const rest = `${time}${writtenBindings(this.logger)},"request_id":`;
      this.heads = { info: Buffer.from(`{"level":"info"${rest}`), warn: Buffer.from(`{"level":"warn"${rest}`) };
    }
    return this.heads[level];
  }

  private where({ method, route, server, target }: Exchange): Buffer {
    // A URI may hold what a tool's name may not: only the latter is named.
    const tool = target && method === 'tools/call' ? target.name : undefined;
    const group = server?.group ?? target?.group;
    const known = this.places.get(route, method, group, server?.server, tool);
    if (known !== undefined) return known;
    const upstream = server && `${server.group}/${server.server}`;
    const made = Buffer.from(
      `,"method":${quoted(displayText(method))}` +
        (tool === undefined ? '' : `,"tool":${quoted(displayText(tool))}`) +
        `,"route":${quoted(route)}` +
        (group === undefined ? '' : `,"upstream_group":${quoted(group)}`) +
        (upstream === undefined ? '' : `,"upstream_server":${quoted(upstream)}`) +
        ',"status":',
    );
    // Clients must not fill the memory with methods that they make up.
    const isKept = METHOD_NAMES.has(method) && (tool === undefined || tool.length <= LONGEST_KEPT);
    if (isKept) this.places.set(made, route, method, group, server?.server, tool);
    return made;
  }

  private who({ info: { name }, revision }: Peer): Buffer {
    const known = this.peers.get(revision, name);
    if (known !== undefined) return known;
    const fields = `,"client_name":${quoted(displayText(name))},"client_revision":${quoted(displayText(revision))}`;
    const made = Buffer.from(`${fields},"msg":"exchange"}\n`);
    if (name.length + revision.length <= LONGEST_KEPT) this.peers.set(made, revision, name);
    return made;
  }
}
