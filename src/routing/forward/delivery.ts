import { GatewayError } from '../../core/errors.js';
import { isObject, type JsonObject } from '../../core/json.js';
import type { McpReply, McpRequest } from '../../core/message.js';
import { mirrorHeaders, mirrorProblem, subjectOf } from '../../protocol/index.js';
import type { Holder } from '../../upstream/index.js';
import type { Member } from '../catalog/member.js';
import { prefer, type ForwardCall } from './forward-call.js';

/** HeaderMismatch: the server wants to see other arguments in headers than the list of its tools said. */
const HEADER_MISMATCH = -32020;
const SPELLED = Buffer.from(String(HEADER_MISMATCH));

/**
 * Sends a request to its group, with those arguments in headers that a modern server wants to see there. Where what
 * is known of its tools turns out to be old, they are asked for again and the call is sent once more: a server that
 * refuses the headers has done nothing yet.
 *
 * @param holder on whose session a legacy server is reached
 * @throws as `Group.send`; `upstream_protocol_error` when the server refuses the headers again
 */
export function delivered(call: ForwardCall, holder: Holder | undefined): Promise<McpReply> {
  const { request, exchange, relay, member } = call;
  const { group } = member;
  if (request.method !== 'tools/call' || group.era === 'legacy') return group.send(request, exchange, relay, holder);
  const sent = group.send(mirrored(request, member), exchange, relay, holder);
  return sent.then((reply) => (isHeaderMismatch(reply) ? renewed(call, holder) : reply));
}

/** What is known of the tools is old: the call is sent once more as soon as they were asked for. */
async function renewed(call: ForwardCall, holder: Holder | undefined): Promise<McpReply> {
  const { request, exchange, relay, member } = call;
  const { group } = member;
  const refusing = exchange.server?.server;
  await member.lists.renewTools(refusing);
  prefer(exchange, refusing);
  const again = await group.send(mirrored(request, member), exchange, relay, holder);
  if (!isHeaderMismatch(again)) return again;
  throw new GatewayError('upstream_protocol_error', 'the server refuses the headers that it asks for');
}

/** @throws `protocol_header_mismatch` when the client's own headers do not say what the arguments say */
export function checkMirrors({ request, exchange, member }: ForwardCall): void {
  const { mirrored: sent } = exchange;
  const tool = sent && toolOf(request);
  const rules = tool === undefined ? undefined : member.lists.shownMirrors(tool);
  const problem = sent && rules && mirrorProblem(rules, argumentsOf(request), sent);
  if (problem) throw problem;
}

function mirrored(request: McpRequest, member: Member): McpRequest {
  const tool = toolOf(request);
  const rules = tool === undefined ? undefined : member.lists.mirrors(tool);
  return rules ? request.withMirrors(mirrorHeaders(rules, argumentsOf(request))) : request;
}

function toolOf(request: McpRequest): string | undefined {
  return request.method === 'tools/call' ? (request.renamed ?? subjectOf(request)) : undefined;
}

function argumentsOf({ params }: McpRequest): JsonObject {
  const given = params?.read('arguments');
  return isObject(given) ? given : {};
}

function isHeaderMismatch({ kind, json }: McpReply): boolean {
  return kind === 'error' && json.bytes.includes(SPELLED) && json.object()['code'] === HEADER_MISMATCH;
}
