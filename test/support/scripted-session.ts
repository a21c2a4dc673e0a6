import type { IncomingHttpHeaders } from 'node:http';

import { Mailbox } from './golden-mailbox.ts';
import type { Json } from './raw-clients.ts';

/** What the gateway said in a session. */
export interface Spoken {
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** How a session speaks, over its transport. */
export interface SessionVoice {
  /** Text on the way of the request with that id, or with none on the way of the latest. */
  say(text: string, about: unknown): void;
  /** Text that belongs to no request. */
  sayOwn(text: string): void;
  /** Answers a request with an HTTP status and nothing else. */
  refuse(status: number, about: unknown): void;
  /** Breaks the connection. */
  drop(): void;
  /** Says an event with these fields, `id=x`, on the way of the latest request; over HTTP. */
  event(fields: readonly string[], data: string): void;
  /** Ends the response to the latest request, whose reply is still to come; over HTTP. */
  end(): void;
}

/** Of a transport where everything goes one way. */
export function singleVoice(write: (text: string) => void, drop: () => void): SessionVoice {
  const isHttp = (): never => {
    throw new Error('that is HTTP');
  };
  return { say: write, sayOwn: write, drop, refuse: isHttp, event: isHttp, end: isHttp };
}

/** One session of the gateway with a scripted server. What is not answered for the test is in `inbox`. */
export class ScriptedSession {
  readonly inbox = new Mailbox<Spoken>();
  /** With which it was opened. */
  introduction: Json = {};
  ended = false;

  constructor(readonly voice: SessionVoice) {}

  get capabilities(): unknown {
    return this.introduction['capabilities'];
  }

  /** Takes the place of a server: text is a reply, an answer to one that was heard, or a message. */
  say(text: string): void {
    const { id, method } = JSON.parse(text) as Json;
    this.voice.say(text, method === undefined ? id : undefined);
  }
}
