import type { JsonBytes } from '../../core/json.js';
import type { InputRequest } from '../../core/message.js';
import type { Peer } from '../../core/peer.js';
import { shapeInput } from '../shape/shape-input.js';

/** A question of a server under the key that the client answers it by. */
export interface KeyedQuestion {
  readonly key: string;
  readonly question: InputRequest;
}

/**
 * What the server of one call asks and nobody has answered. Keys are never used twice, so that a late answer is for
 * nothing.
 */
export class Questions {
  private readonly open = new Map<string, InputRequest>();
  private count = 0;

  get size(): number {
    return this.open.size;
  }

  /** It stays until it is answered, refused or withdrawn. */
  add(question: InputRequest): void {
    const key = `r${this.count++}`;
    this.open.set(key, question);
    question.onWithdrawn(() => this.open.delete(key));
  }

  /** False when nothing of that key waits for an answer. @param json a result */
  answer(key: string, json: JsonBytes): boolean {
    const question = this.open.get(key);
    this.open.delete(key);
    question?.answered({ kind: 'result', json });
    return question !== undefined;
  }

  /** Those that this client can be asked, in its words; the others are refused. */
  for(peer: Peer): KeyedQuestion[] {
    const asked: KeyedQuestion[] = [];
    for (const [key, given] of Array.from(this.open)) {
      const question = shapeInput(given, peer);
      if (question) asked.push({ key, question });
      else this.refuse(key, given);
    }
    return asked;
  }

  refuseAll(): void {
    for (const [key, question] of Array.from(this.open)) this.refuse(key, question);
  }

  private refuse(key: string, question: InputRequest): void {
    this.open.delete(key);
    question.refused();
  }
}
