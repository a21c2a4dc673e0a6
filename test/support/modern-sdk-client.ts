import {
  Client,
  type ClientCapabilities,
  type ClientOptions,
  type Notification,
  StreamableHTTPClientTransport,
  type Transport,
} from '@modelcontextprotocol/client';

import { MODERN } from './modern.ts';
import { SocketTransport } from './socket-transport.ts';
import { until } from './until.ts';

const EVERY_CAPABILITY: ClientCapabilities = { sampling: {}, elicitation: { form: {}, url: {} }, roots: {} };

/** Whether the client speaks the modern revision alone, whichever the server does, or the legacy ones alone. */
export type Negotiation = 'modern' | 'auto' | 'legacy';

/** The client of the official SDK v2 with everything a server can ask of it, answering under its own name. */
export class ModernSdkClient implements AsyncDisposable {
  readonly sdk: Client;
  readonly name: string;
  /** What it was told without having asked. */
  readonly notifications: Notification[] = [];
  /** Methods of the requests that it answered. */
  readonly answered: string[] = [];

  constructor(
    name: string,
    negotiation: Negotiation = 'modern',
    { capabilities = EVERY_CAPABILITY, ...options }: ClientOptions = {},
  ) {
    this.name = name;
    const mode = negotiation === 'modern' ? { pin: MODERN } : negotiation;
    this.sdk = new Client({ name, version: '1.0.0' }, { versionNegotiation: { mode }, capabilities, ...options });
    this.sdk.fallbackNotificationHandler = async (notification) => void this.notifications.push(notification);
    if (capabilities.sampling) this.sdk.setRequestHandler('sampling/createMessage', () => this.sampled());
    if (capabilities.elicitation) {
      this.sdk.setRequestHandler('elicitation/create', ({ params }) => this.elicited(params.mode));
    }
    if (capabilities.roots) {
      this.sdk.setRequestHandler('roots/list', () => {
        this.answered.push('roots/list');
        return { roots: [{ uri: `file:///home/${name}` }] };
      });
    }
  }

  /** @param url of either transport, by its scheme */
  async connect(url: string | Transport): Promise<this> {
    await this.sdk.connect(typeof url === 'string' ? transportTo(url) : url);
    return this;
  }

  /** The text of the first content block of a tool's result. */
  async call(name: string, args: Record<string, unknown> = {}): Promise<string> {
    const { content } = (await this.sdk.callTool({ name, arguments: args })) as { content: { text?: string }[] };
    return content[0]?.text ?? '';
  }

  /** Resolves with a notification of that method as soon as there is one. */
  async told(method: string): Promise<Notification> {
    await until(() => this.notifications.some((one) => one.method === method), `${method} at ${this.name}`);
    return this.notifications.find((one) => one.method === method)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sdk.close();
  }

  private sampled() {
    this.answered.push('sampling/createMessage');
    return { role: 'assistant' as const, model: 'test', content: { type: 'text' as const, text: `as ${this.name}` } };
  }

  private elicited(mode: string | undefined) {
    this.answered.push(`elicitation/create ${mode ?? 'form'}`);
    return mode === 'url' ? { action: 'accept' as const } : { action: 'accept' as const, content: { name: this.name } };
  }
}

function transportTo(url: string): Transport {
  return url.startsWith('ws') ? new SocketTransport(url) : new StreamableHTTPClientTransport(new URL(url));
}
