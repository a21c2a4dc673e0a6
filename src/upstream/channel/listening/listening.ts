import type { Clock, Timer } from '../../../core/clock.js';
import { UnsentError } from '../../../core/errors.js';
import { errorReply, type InterimNotification, type Params, result } from '../../../core/message.js';
import { LIST_CHANGES, readParams } from '../../../protocol/index.js';
import type { ListKind } from '../../list-kind.js';
import type { Call } from '../call.js';
import { ListenFilter } from './listen-filter.js';
import type { ListeningHost } from './listening-host.js';
import { Listens, type ListensHost } from './listens.js';
import { Subscriptions } from './subscriptions.js';
import { ToldOnce } from './told-once.js';
import { untagged } from './untagged.js';

/** How often what the server does not tell of is taken to have changed. A fifth more or less, at random. */
const POLL_MS = 60_000;
const JITTER = 0.2;

const DONE = result({});
const NO_URI = errorReply(-32602, 'Invalid params: uri must be a string');

/**
 * Hears of the changes of one modern server: it listens for those of its lists and of all resources that are
 * subscribed to, by one `subscriptions/listen` for everybody. To whoever asks, the server is one that can be
 * subscribed to, as in the legacy era. What it does not tell of is taken to have changed every minute.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/subscriptions
 */
export class Listening implements ListensHost {
  readonly clock: Clock;
  private readonly lists: ReadonlySet<ListKind>;
  private readonly subscriptions: Subscriptions;
  private readonly listens: Listens;
  private readonly changes: ToldOnce;
  private poll: Timer | undefined;
  private closed = false;

  /** @param random a number from 0 up to 1 */
  constructor(
    private readonly host: ListeningHost,
    private readonly random: () => number = Math.random,
  ) {
    this.clock = host.clock;
    this.lists = ListenFilter.listsOf(host.peer.capabilities);
    this.subscriptions = new Subscriptions(host.clock, () => this.listens.changed());
    this.listens = new Listens(this, random);
    this.changes = new ToldOnce(host.clock, (kind) => host.owner.listChanged(kind));
  }

  /** To be called once, as soon as requests can be sent. */
  start(): void {
    this.planPoll();
    this.listens.open();
  }

  /** True when the request is answered here, since the server has no word for it: now, or when the server has said so. */
  take(call: Call): boolean {
    const { method } = call.request;
    if (method === 'resources/subscribe') this.subscribe(call);
    else if (method === 'resources/unsubscribe') this.unsubscribe(call);
    // Log levels travel with every request, and that the server is there is seen by other means.
    else if (method === 'ping' || method === 'logging/setLevel') call.done(DONE);
    else return false;
    return true;
  }

  /** Ends all listening. Who still waits is told that it is in vain. */
  close(): void {
    this.closed = true;
    this.poll?.cancel();
    this.changes.close();
    this.listens.close();
    this.subscriptions.close(gone());
  }

  wanted(): ListenFilter {
    return new ListenFilter(this.lists, this.subscriptions.uris());
  }

  isAwaited(): boolean {
    return this.subscriptions.isAwaited;
  }

  send(listen: Call): void {
    this.host.send(listen);
  }

  heard(honoured: ListenFilter, before: ListenFilter): void {
    // Before it was listened for, it may have changed unheard.
    this.tellChanged(honoured.without(before));
  }

  decided(asked: ListenFilter): void {
    this.subscriptions.decided(asked.uris, this.listens.honoured.uris);
  }

  told({ method, params }: InterimNotification): void {
    const list = LIST_CHANGES.get(method);
    if (list) this.changes.changed(list, this.listens.overlaps);
    else if (method === 'notifications/resources/updated' && params) this.host.owner.resourceUpdated(untagged(params));
    else this.host.dropped('unknown_notification');
  }

  private subscribe(call: Call): void {
    const uri = uriOf(call);
    if (this.closed) return call.failed(gone());
    if (uri === undefined) call.done(NO_URI);
    else if (this.listens.honoured.uris.has(uri)) this.subscriptions.confirm(uri, call);
    else if (this.listens.refused) this.subscriptions.refuse(uri, call);
    else {
      this.subscriptions.wait(uri, call);
      this.listens.changed();
    }
  }

  private unsubscribe(call: Call): void {
    const uri = uriOf(call);
    if (uri === undefined) return call.done(NO_URI);
    this.subscriptions.remove(uri);
    this.listens.changed();
    call.done(DONE);
  }

  private planPoll(): void {
    const wait = POLL_MS * (1 + JITTER * (2 * this.random() - 1));
    this.poll = this.clock.after(wait, () => {
      this.planPoll();
      this.tellChanged(this.wanted().without(this.listens.honoured));
    });
  }

  /** Nobody has said so, but it may have. */
  private tellChanged({ lists, uris }: ListenFilter): void {
    const { owner } = this.host;
    for (const kind of lists) owner.listChanged(kind);
    for (const uri of uris) if (this.subscriptions.isConfirmed(uri)) owner.resourceUpdated(updateOf(uri));
  }
}

/** As the server calls it. */
function uriOf({ request }: Call): string | undefined {
  return request.renamed ?? request.params?.text('uri');
}

function updateOf(uri: string): Params {
  return readParams(Buffer.from(JSON.stringify({ uri })));
}

function gone(): UnsentError {
  return new UnsentError('upstream_unavailable', 'the connection to the server is closed');
}
