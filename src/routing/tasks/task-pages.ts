import { GatewayError } from '../../core/errors.js';
import type { Exchange } from '../../core/exchange.js';
import type { JsonObject } from '../../core/json.js';
import { McpRequest, type McpError, type McpReply } from '../../core/message.js';
import { readParams } from '../../protocol/index.js';
import type { Member } from '../catalog/member.js';
import { invalidCursor, type ListCursors } from '../merge/list-cursor.js';
import type { ListPages } from '../merge/list-pages.js';
import { replyWith } from '../merge/list-reply.js';
import { readTaskPage, type TaskPage } from './task-page.js';
import type { TaskRelay } from './task-relay.js';

/** A server that has tasks of whoever asks. */
interface Place {
  readonly member: Member;
  readonly server: string;
}

/**
 * Answers `tasks/list`: visits the servers that have tasks of whoever asks, in the order of the groups, and shows
 * of each page what is its own.
 */
export class TaskPages implements ListPages {
  constructor(
    private readonly members: readonly Member[],
    private readonly cursors: ListCursors,
    private readonly pageSize: number,
    private readonly relay: TaskRelay,
  ) {}

  /** @throws `protocol_invalid_params` for a foreign cursor; `upstream_unavailable` when no server could be asked */
  async answer(request: McpRequest, exchange: Exchange): Promise<McpReply> {
    const places = this.placesFor(exchange);
    const position = this.cursors.open(request, exchange.principal);
    let cursor = cursorIn(position);
    const tasks: Buffer[] = [];
    const degraded: string[] = [];
    let asked = 0;
    let nextCursor: string | undefined;

    for (let index = startOf(position, places); index < places.length; index++) {
      const place = places[index] as Place;
      asked++;
      const page = await this.visit(place, cursor, exchange);
      if (page instanceof GatewayError) degraded.push(place.member.name);
      else if ('kind' in page) {
        // Only a cursor that the server made itself can be wrong.
        if (cursor !== undefined) return page;
      } else {
        tasks.push(...page.tasks);
        // A cursor that leads to itself leads nowhere.
        if (page.next !== undefined && page.next !== cursor) nextCursor = this.seal(place, page.next, exchange);
      }
      cursor = undefined;
      const following = places[index + 1];
      if (nextCursor === undefined && following && tasks.length >= this.pageSize) {
        nextCursor = this.seal(following, undefined, exchange);
      }
      if (nextCursor !== undefined) break;
    }
    if (asked > 0 && degraded.length === asked) {
      throw new GatewayError('upstream_unavailable', 'no server could be asked for its tasks');
    }
    return replyWith('tasks', { items: tasks, nextCursor, degraded: [...new Set(degraded)] });
  }

  private placesFor({ principal, stay }: Exchange): Place[] {
    return this.members.flatMap((member) =>
      this.relay.ledger.serversOf(member.name, { principal, stay: stay.id }).map((server) => ({ member, server })),
    );
  }

  /** @returns the error of the server, or of the gateway when it could not be asked */
  private async visit(
    { member, server }: Place,
    cursor: string | undefined,
    { deadline, principal, stay, peer }: Exchange,
  ): Promise<TaskPage | McpError | GatewayError> {
    const { group, holder, name } = member;
    const params = cursor === undefined ? undefined : readParams(Buffer.from(JSON.stringify({ cursor })));
    try {
      const answer = await group.ask(new McpRequest('tasks/list', params), { deadline, preferred: server, holder });
      if (answer.server !== server) return new GatewayError('upstream_unavailable', 'another replica answered');
      if (answer.reply.kind === 'error') return answer.reply;
      return readTaskPage(answer.reply, { group: name, server, principal, stay: stay.id, era: peer.era }, this.relay);
    } catch (thrown) {
      return GatewayError.from(thrown);
    }
  }

  private seal({ member, server }: Place, cursor: string | undefined, { principal }: Exchange): string {
    return this.cursors.seal({ group: member.name, server, cursor }, principal);
  }
}

function cursorIn(position: JsonObject | undefined): string | undefined {
  const cursor = position?.['cursor'];
  return typeof cursor === 'string' ? cursor : undefined;
}

function startOf(position: JsonObject | undefined, places: readonly Place[]): number {
  if (!position) return 0;
  const { group, server } = position;
  const index = places.findIndex((place) => place.member.name === group && place.server === server);
  if (index < 0) throw invalidCursor();
  return index;
}
