import { ENVELOPE, SUBSCRIPTION_ID } from '../meta-keys.js';
import { NameTable } from './name-table.js';

/** Where the span of each member that is read is noted. */
export const Slot = {
  jsonrpc: 0,
  id: 1,
  method: 2,
  params: 3,
  result: 4,
  error: 5,
  name: 6,
  uri: 7,
  ref: 8,
  cursor: 9,
  arguments: 10,
  requestId: 11,
  token: 12,
  meta: 13,
  progressToken: 14,
  taskId: 15,
  task: 16,
  inputResponses: 17,
  requestState: 18,
  protocolVersion: 19,
  clientCapabilities: 20,
  clientInfo: 21,
  logLevel: 22,
  subscriptionId: 23,
} as const;
export type Slot = (typeof Slot)[keyof typeof Slot];

export const SLOTS = Object.keys(Slot).length;

/** A member that is read where it stands. */
export interface Member {
  readonly slot: Slot;
  /** The key as it is written, in its quotes. */
  readonly key: Buffer;
  /** The members that are read inside it, when it is an object. */
  readonly inside: Level | undefined;
}

/** The members that are read of one object. */
export type Level = NameTable<Member>;

function level(...members: readonly [name: string, slot: Slot, inside?: Level][]): Level {
  return new NameTable(
    members.map(([name, slot, inside]) => [name, { slot, key: Buffer.from(JSON.stringify(name)), inside }] as const),
  );
}

const META = level(
  ['progressToken', Slot.progressToken],
  [ENVELOPE.protocolVersion, Slot.protocolVersion],
  [ENVELOPE.clientCapabilities, Slot.clientCapabilities],
  [ENVELOPE.clientInfo, Slot.clientInfo],
  [ENVELOPE.logLevel, Slot.logLevel],
  [SUBSCRIPTION_ID, Slot.subscriptionId],
);

/** What is read of `params`. */
export const PARAMS = level(
  ['name', Slot.name],
  ['uri', Slot.uri],
  ['ref', Slot.ref],
  ['cursor', Slot.cursor],
  ['arguments', Slot.arguments],
  ['requestId', Slot.requestId],
  ['progressToken', Slot.token],
  ['taskId', Slot.taskId],
  ['task', Slot.task],
  ['inputResponses', Slot.inputResponses],
  ['requestState', Slot.requestState],
  ['_meta', Slot.meta, META],
);

/** What is read of a message. */
export const MESSAGE = level(
  ['jsonrpc', Slot.jsonrpc],
  ['id', Slot.id],
  ['method', Slot.method],
  ['params', Slot.params, PARAMS],
  ['result', Slot.result],
  ['error', Slot.error],
);
