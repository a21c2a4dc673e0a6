import { answer, call, type Json, type WsClient } from '../../support/raw-clients.ts';
import { until } from '../../support/until.ts';
import type { Target } from './target.ts';

/**
 * How soon a server has to serve again when it has stopped to do whatever it did: two seconds, and as long as one more
 * request may take that is lost before that is noticed.
 */
const RECOVERY_MS = 2_000 + 1_500;

/** Longer than anybody waits for a server that is not there, and than any of the time limits of these tests. */
const ANSWER_MS = 8_000;

/** A client that counts its answers, answers what it is asked, and remembers every word it heard. */
export class Witness {
  /** What nobody but this client may hear of. */
  readonly nonce: string;
  heard = '';
  /** How often each method was heard, from the beginning. */
  readonly told = new Map<string, number>();
  private readonly answers = new Map<number, Json[]>();
  private lastId = 0;

  private constructor(
    private readonly client: WsClient,
    name: string,
  ) {
    this.nonce = `${name}-${Math.random().toString(36).slice(2)}`;
    client.socket.on('message', (data: Buffer) => this.take(data.toString()));
  }

  /** @param capabilities with which it is given an upstream session of its own, or `{}` */
  static async introduced(target: Target, path: string, name: string, capabilities: Json): Promise<Witness> {
    return new Witness(await target.introduced('2025-11-25', path, capabilities), name);
  }

  /** Calls a tool, and takes the first answer. All clients count alike. */
  call(name: string): Promise<Json> {
    return this.ask((id) => call(name, id, { arguments: { nonce: this.nonce }, _meta: { progressToken: 'mine' } }));
  }

  async ask(ask: (id: number) => Json): Promise<Json> {
    const id = ++this.lastId;
    this.answers.set(id, []);
    this.client.send(ask(id));
    return until(() => this.answers.get(id)?.[0], `the answer to ${JSON.stringify(ask(id))}`, ANSWER_MS);
  }

  /** Calls a decent tool until the answer is its own, for so long as may be. */
  async recovered(): Promise<void> {
    await until(async () => JSON.stringify(await this.call('fine')).includes(this.nonce), 'an answer', RECOVERY_MS);
  }

  /** Everything that was asked was answered once, and no word was for another client. */
  expectItsOwn(others: readonly Witness[]): void {
    for (const [id, answers] of this.answers) expect(answers.length, `answers to ${id}`).toBe(1);
    for (const { nonce } of others)
      if (nonce !== this.nonce) expect(this.heard.includes(nonce), `${this.nonce} heard of ${nonce}`).toBe(false);
    this.answers.clear();
    this.heard = '';
  }

  close(): void {
    this.client.socket.terminate();
  }

  private take(text: string): void {
    this.heard += text;
    const message = JSON.parse(text) as Json & { id?: number | string; method?: string };
    if (message.method === undefined) {
      const answers = this.answers.get(message.id as number) ?? [];
      this.answers.set(message.id as number, [...answers, message]);
      return;
    }
    this.told.set(message.method, (this.told.get(message.method) ?? 0) + 1);
    if (message.id !== undefined)
      this.client.send(answer(message.id, { action: 'accept', content: { nonce: this.nonce } }));
  }
}

/** Two clients of a group that share a session, and two that have one of their own each. */
export async function witnesses(target: Target, group: string): Promise<Witness[]> {
  const introduced = (name: string, capabilities: Json): Promise<Witness> =>
    Witness.introduced(target, `/mcp/${group}`, name, capabilities);
  const shared = ['shared-1', 'shared-2'].map((name) => introduced(name, {}));
  const own = ['own-1', 'own-2'].map((name) => introduced(name, { elicitation: {} }));
  return Promise.all([...shared, ...own]);
}
