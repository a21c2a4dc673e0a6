import { GatewayError } from '../../src/core/errors.js';
import { Flow } from '../../src/core/flow.js';
import type { JsonObject } from '../../src/core/json.js';
import { type InputRequest, type InterimMessage, McpRequest, type McpReply } from '../../src/core/message.js';
import { readParams, type Sender } from '../../src/protocol/index.js';
import { GATEWAY, type Call } from '../../src/upstream/channel/call.js';

/** A call of a downstream that remembers what came for it. */
export class TestCall implements Call {
  readonly request: McpRequest;
  readonly abort = new AbortController();
  readonly signal = this.abort.signal;
  readonly progress = true;
  readonly flow = new Flow();
  readonly interim: InterimMessage[] = [];
  /** What its time did, in order. */
  readonly time: string[] = [];
  deadline = 60_000;
  attributable = true;
  sender: Sender = GATEWAY;
  outcome: McpReply | GatewayError | undefined;
  /** How often it ended: once, if all is well. */
  ends = 0;

  constructor(params: JsonObject = { name: 'a' }) {
    this.request = new McpRequest('tools/call', readParams(Buffer.from(JSON.stringify(params))));
  }

  /** The input request that came, among everything else, at this place. */
  input(index = 0): InputRequest {
    const input = this.interim[index];
    if (input?.kind !== 'request') throw new Error('no input request came');
    return input;
  }

  onInterim(message: InterimMessage): void {
    this.interim.push(message);
  }

  standStill(): void {
    this.time.push('stands still');
  }

  goOn(answered: boolean): void {
    this.time.push(answered ? 'goes on anew' : 'goes on');
  }

  done(reply: McpReply): void {
    this.ends++;
    this.outcome = reply;
  }

  failed(error: GatewayError): void {
    this.ends++;
    this.outcome = error;
  }
}
