import { InputRequest, type McpReply } from '../../src/core/message.js';
import { readParams, refusal } from '../../src/protocol/index.js';
import type { Json } from './raw-clients.js';

/** What a server asks of a client, and everything that it hears of it. */
export class Question {
  readonly request: InputRequest;
  /** The first answer. */
  readonly answer: Promise<Json>;
  /** Every answer: `result` or `error` with what it says. */
  readonly answers: Json[] = [];
  readonly progress: Json[] = [];
  private withdrawn: ((reason: string | undefined) => void)[] = [];
  private why: { reason: string | undefined } | undefined;

  constructor(method: string, params?: Json) {
    const { promise, resolve } = Promise.withResolvers<Json>();
    this.answer = promise;
    this.request = new InputRequest(method, params && readParams(Buffer.from(JSON.stringify(params))), {
      answered: ({ kind, json }: McpReply) => {
        this.answers.push({ [kind]: json.parse() });
        resolve(this.answers[0] as Json);
      },
      refused: () => this.request.answered(refusal(method)),
      progressed: (reported) => void this.progress.push(reported.object()),
      onWithdrawn: (callback) => {
        if (this.why) callback(this.why.reason);
        else this.withdrawn.push(callback);
      },
    });
  }

  /** The server needs no answer any more. */
  withdraw(reason?: string): void {
    if (this.why || this.answers.length > 0) return;
    this.why = { reason };
    for (const callback of this.withdrawn.splice(0)) callback(reason);
  }
}

export function sampling(text = 'hello', meta?: Json): Question {
  const messages = [{ role: 'user', content: { type: 'text', text } }];
  return new Question('sampling/createMessage', { messages, maxTokens: 10, ...(meta && { _meta: meta }) });
}

export function elicitation(message = 'who are you?'): Question {
  const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } };
  return new Question('elicitation/create', { message, requestedSchema });
}

export function roots(): Question {
  return new Question('roots/list');
}

/** Capabilities of a client that can be asked everything. */
export const ANSWERS_EVERYTHING: Json = {
  sampling: {},
  elicitation: { form: {}, url: {} },
  roots: { listChanged: true },
};
