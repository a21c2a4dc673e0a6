import { offers } from '../../bridge/index.js';
import { CancelledError, GatewayError } from '../../core/errors.js';
import type { Exchange, Stay, Target } from '../../core/exchange.js';
import { JsonBytes, type JsonObject } from '../../core/json.js';
import { Params, result, type McpReply } from '../../core/message.js';
import { ACKNOWLEDGED } from '../../protocol/index.js';
import type { ListKind } from '../../upstream/index.js';
import type { Announcer } from '../announcer/announcer.js';
import type { ListListener } from '../announcer/list-listener.js';
import type { Showings } from '../showing/showings.js';
import type { Subscriptions } from '../subscriptions/subscriptions.js';
import { FirstMarks } from './first-marks.js';
import { writeFilter, type ListenFilter } from './listen-filter.js';
import { ListenedResources, type ResourceTools } from './listened-resources.js';
import { ListeningStay } from './listening-stay.js';

/** How long a downstream waits, at most, to be told what is honoured of what it asked for. */
const ACKNOWLEDGED_WITHIN_MS = 3_000;

/** What one listen is made with. */
export interface ListenTools extends ResourceTools {
  readonly announcer: Pick<Announcer, 'listen'>;
  readonly subscriptions: ResourceTools['subscriptions'] & Pick<Subscriptions, 'release'>;
}

/** One modern downstream that listens: from its request to the end of its stream. */
export class Listen implements ListListener {
  private readonly ended = Promise.withResolvers<McpReply>();
  private over = false;
  /** Lists that changed while the downstream did not keep up: each is told once, when it does again. */
  private readonly behind = new Set<ListKind>();
  private readonly stops: (() => void)[] = [];
  /** Whom resources are subscribed to for. */
  private readonly subscriber: ListeningStay;

  constructor(
    private readonly filter: ListenFilter,
    private readonly exchange: Exchange,
    private readonly showings: Showings,
    private readonly tools: ListenTools,
  ) {
    this.subscriber = new ListeningStay(exchange.stay);
  }

  get route(): string {
    return this.exchange.route;
  }

  get stay(): Stay {
    return this.exchange.stay;
  }

  /**
   * Listens until the downstream has enough, or until it is told to end.
   *
   * @throws `exchange_cancelled`, or whatever else ended the exchange
   */
  async run(): Promise<McpReply> {
    const { signal, stay } = this.exchange;
    signal.addEventListener('abort', this);
    this.stops.push(() => signal.removeEventListener('abort', this));
    this.stops.push(stay.onEnd(() => this.fail(new CancelledError())));
    if (signal.aborted) this.handleEvent();
    try {
      if (!this.over) await Promise.race([this.begin(), this.ended.promise]);
      return await this.ended.promise;
    } finally {
      this.over = true;
      for (const stop of this.stops) stop();
      this.tools.subscriptions.release(this.subscriber);
    }
  }

  /** Ends it in good order, with a reply. */
  end(): void {
    this.over = true;
    this.ended.resolve(result({}));
  }

  /** The exchange was aborted. */
  handleEvent(): void {
    const { reason } = this.exchange.signal;
    this.fail(reason instanceof GatewayError ? reason : new CancelledError());
  }

  listChanged(kind: ListKind): void {
    const { flow } = this.exchange;
    if (this.over) return;
    if (!flow.congested) return this.deliver(`notifications/${kind}/list_changed`);
    if (this.behind.size === 0) flow.whenClear(() => this.catchUp());
    this.behind.add(kind);
  }

  /** Finds out what can be honoured, says so, and only then tells anything else. */
  private async begin(): Promise<void> {
    const showing = this.showings.seen(this.stay);
    const isOffered = (kind: ListKind): boolean => showing.members.some(({ group }) => offers(group.peer, kind));
    const first = new FirstMarks(showing, this.filter.lists.filter(isOffered));
    const waiting = { stay: this.subscriber, signal: this.exchange.signal };
    const mayFollow = (resource: Target): boolean => this.showings.mayFollow(this.stay, resource);
    const shown = { showing, mayFollow, route: this.route };
    const resources = new ListenedResources(this.filter.resources, waiting, shown, this.tools);
    await this.withPatience(Promise.all([first.load(), resources.subscribe()]));
    if (this.over) return;
    const lists = this.filter.lists.filter(isOffered);
    this.deliver(ACKNOWLEDGED, { notifications: writeFilter({ lists, resources: resources.promise() }) });
    this.subscriber.begin();
    if (lists.length > 0) this.stops.push(this.tools.announcer.listen(this, first.marks(lists)));
  }

  private catchUp(): void {
    const missed = [...this.behind];
    this.behind.clear();
    for (const kind of missed) this.listChanged(kind);
  }

  private deliver(method: string, params?: JsonObject): void {
    const given = params && new Params(JsonBytes.of(params).bytes, {});
    this.exchange.deliver({ kind: 'notification', method, params: given });
  }

  private fail(reason: GatewayError): void {
    this.over = true;
    this.ended.reject(reason);
  }

  /** Resolves when this does, or when it takes too long. */
  private async withPatience(all: Promise<unknown>): Promise<void> {
    const late = Promise.withResolvers<void>();
    const timer = this.tools.clock.after(ACKNOWLEDGED_WITHIN_MS, late.resolve);
    this.stops.push(() => timer.cancel());
    await Promise.race([all, late.promise]);
    timer.cancel();
  }
}
