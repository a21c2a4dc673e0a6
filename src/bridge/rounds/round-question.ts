import { randomUUID } from 'node:crypto';

import { splice } from '../../core/json.js';
import { InputRequest, type Asker, type McpReply, type Params } from '../../core/message.js';
import { valuesOf } from '../../core/walk.js';
import { readParams } from '../../protocol/index.js';
import type { KeyedRequest } from './input-required.js';

/** What is said for a client that cannot be asked, or does not answer. */
const CANCELLED = '{"action":"cancel"}';

/** Who waits for the answers to questions. */
export interface RoundHost {
  /** @param json of the result that it was answered with */
  answered(question: RoundQuestion, json: string): void;
  /** There is no answer that a modern server could be told. */
  denied(question: RoundQuestion): void;
}

/** One question of a modern server, on its way to a legacy client. It is answered, denied or withdrawn, and only once. */
export class RoundQuestion implements Asker {
  readonly key: string;
  readonly method: string;
  readonly request: InputRequest;
  /** What the page that is to be opened is known by: only legacy clients want an id for it. */
  readonly elicitationId: string | undefined;
  private over = false;
  private withdrawn = false;
  private readonly watchers: ((reason: string | undefined) => void)[] = [];

  constructor(
    { key, method, params }: KeyedRequest,
    private readonly host: RoundHost,
  ) {
    this.key = key;
    this.method = method;
    this.elicitationId = isPage(method, params) ? randomUUID() : undefined;
    this.request = new InputRequest(
      method,
      params && this.elicitationId ? withId(params, this.elicitationId) : params,
      this,
    );
  }

  answered({ kind, json }: McpReply): void {
    if (!this.end()) return;
    if (kind === 'error') this.host.denied(this);
    else this.host.answered(this, json.bytes.toString());
  }

  refused(): void {
    if (!this.end()) return;
    if (this.method === 'elicitation/create') this.host.answered(this, CANCELLED);
    else this.host.denied(this);
  }

  /** No modern server has an ear for it. */
  progressed(): void {}

  onWithdrawn(callback: (reason: string | undefined) => void): void {
    if (this.withdrawn) callback(undefined);
    else if (!this.over) this.watchers.push(callback);
  }

  /** Nobody needs the answer any more. */
  withdraw(): void {
    if (!this.end()) return;
    this.withdrawn = true;
    for (const callback of this.watchers.splice(0)) callback(undefined);
  }

  /** True the first time. */
  private end(): boolean {
    if (this.over) return false;
    this.over = true;
    return true;
  }
}

function isPage(method: string, params: Params | undefined): boolean {
  return method === 'elicitation/create' && params?.object()['mode'] === 'url';
}

function withId({ bytes }: Params, id: string): Params {
  const member = JSON.stringify(id);
  const given = valuesOf(bytes, 'elicitationId');
  const splices = given.map((at) => ({ at, bytes: Buffer.from(member) }));
  // Params that say which mode they are of are not empty.
  if (given.length === 0) splices.push({ at: [1, 1], bytes: Buffer.from(`"elicitationId":${member},`) });
  return readParams(splice(bytes, splices));
}
