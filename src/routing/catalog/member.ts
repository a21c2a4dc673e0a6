import type { Exchange } from '../../core/exchange.js';
import type { Relay } from '../../core/filter.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import type { Group } from '../../upstream/index.js';
import type { GroupHolder } from '../holder/group-holder.js';
import { freshRead } from '../merge/fresh-reply.js';
import { exposeUri } from '../naming.js';
import { exposeInterim, exposeReply } from '../rewrite/replies.js';
import { declaresTasks, isTask, refuseTask } from '../tasks/extension.js';
import type { TaskOwner } from '../tasks/task-ids.js';
import type { TaskRelay } from '../tasks/task-relay.js';
import type { Listing } from './drain.js';
import type { Owner } from './exposed-items.js';
import type { GroupLists } from './group-lists.js';
import { UriTemplate } from './uri-template.js';

/** A group as one route shows it, to everybody or to a holder: under a prefix, or under its own names. */
export class Member {
  readonly owner: Owner;
  private readonly relays = new WeakMap<Relay, Relay>();
  private readonly link = (uri: string): void => this.lists.link(uri);

  constructor(
    readonly lists: GroupLists,
    /** Empty for the group's own names. */
    readonly prefix: string,
    private readonly tasks: TaskRelay,
  ) {
    this.owner = { name: this.group.name, prefix };
  }

  get group(): Group {
    return this.lists.group;
  }

  get name(): string {
    return this.owner.name;
  }

  /** On whose session the group is reached. Undefined for the one that everybody shares. */
  get holder(): GroupHolder | undefined {
    return this.lists.holder;
  }

  /** Whether one of the group's templates can make this URI of its own. */
  mayOwn(uri: string): boolean {
    const listing = this.lists.known('templates');
    return listing !== undefined && templatesOf(listing).some((template) => template.matches(uri));
  }

  /** Whether the group is known to own a URI that the route shows as it is. */
  owns(uri: string): boolean {
    return this.lists.owns(uri) && exposeUri(this.prefix, uri) === uri;
  }

  /** A reply of this group as the route shows it; the links in it are remembered. */
  exposeReply(method: string, reply: McpReply): McpReply {
    return this.prefix === '' ? reply : exposeReply(this.prefix, method, reply, this.link);
  }

  /** A reply of this group to a modern client: what was read says how long and by whom it may be used again. */
  freshRead(request: McpRequest, reply: McpReply): McpReply {
    return freshRead(request, reply, this.lists.mayBePublic);
  }

  /** A request that concerns a task as the servers of the group are to get it. */
  restoreTask(request: McpRequest, { principal, peer }: Exchange): McpRequest {
    return this.tasks.restoreRequest(request, { principal, era: peer.era });
  }

  /** The reply to a request of a modern client that a server may have made a task of, as the route shows it. */
  exposeMade(request: McpRequest, reply: McpReply, exchange: Exchange): McpReply {
    if (!isTask(reply)) return this.exposeReply(request.method, reply);
    if (!declaresTasks(exchange)) refuseTask(reply);
    return this.tasks.exposeReply(request, reply, this.ownerOf(exchange));
  }

  /** The reply to a request that concerns a task, as the route shows it. */
  exposeTask(request: McpRequest, reply: McpReply, exchange: Exchange): McpReply {
    // What a task comes to is what the tool would have answered.
    const shown = this.exposeReply(request.method === 'tasks/result' ? 'tools/call' : request.method, reply);
    return this.tasks.exposeReply(request, shown, this.ownerOf(exchange));
  }

  /** What takes the messages that travel back from this group: URIs and tasks in them are as the route shows them. */
  relayTo(relay: Relay): Relay {
    let exposing = this.relays.get(relay);
    if (!exposing) {
      exposing = (message, exchange) => {
        const shown = this.prefix === '' ? message : exposeInterim(this.prefix, message);
        relay(this.tasks.exposeInterim(shown, this.ownerOf(exchange)), exchange);
      };
      this.relays.set(relay, exposing);
    }
    return exposing;
  }

  /** Whoever serves the exchange, and for whom. */
  private ownerOf({ principal, server, stay, peer }: Exchange): TaskOwner {
    return { group: this.name, server: server?.server ?? '', principal, stay: stay.id, era: peer.era };
  }
}

const templates = new WeakMap<Listing, readonly UriTemplate[]>();

/** Made once for a listing, whoever shows it. */
function templatesOf(listing: Listing): readonly UriTemplate[] {
  const known = templates.get(listing) ?? listing.items.map(({ key }) => new UriTemplate(key));
  templates.set(listing, known);
  return known;
}
