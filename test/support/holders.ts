import { Flow } from '../../src/core/flow.js';
import type { JsonObject } from '../../src/core/json.js';
import type { InterimMessage } from '../../src/core/message.js';
import { ANONYMOUS } from '../../src/core/principal.js';
import type { Holder, ListKind } from '../../src/upstream/index.js';

/** What a client that can do everything declares. */
export const EVERYTHING: JsonObject = { sampling: {}, elicitation: {}, roots: { listChanged: true } };

/** A holder that remembers what it was told. */
export class TestHolder implements Holder {
  readonly capabilities: JsonObject;
  readonly plural: boolean;
  readonly flow = new Flow();
  readonly principal = ANONYMOUS;
  logLevel: string | undefined;
  needsSession = false;
  ended = false;
  readonly taken: InterimMessage[] = [];
  readonly lists: ListKind[] = [];
  readonly renewals: string[] = [];
  readonly losses: string[] = [];
  private readonly endings = new Set<() => void>();

  readonly key: string;

  constructor(key: string, { capabilities = EVERYTHING, plural = false }: Partial<Holder> = {}) {
    this.key = key;
    this.capabilities = capabilities;
    this.plural = plural;
  }

  take(message: InterimMessage, _server: string): void {
    this.taken.push(message);
  }

  listChanged(kind: ListKind): void {
    this.lists.push(kind);
  }

  renewed(server: string): void {
    this.renewals.push(server);
  }

  lost(server: string): void {
    this.losses.push(server);
  }

  onEnd(callback: () => void): () => void {
    if (this.ended) callback();
    else this.endings.add(callback);
    return () => this.endings.delete(callback);
  }

  /** How many wait for its end. */
  get watched(): number {
    return this.endings.size;
  }

  end(): void {
    this.ended = true;
    for (const callback of this.endings) callback();
    this.endings.clear();
  }
}
