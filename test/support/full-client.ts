import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  type ClientCapabilities,
  type Notification,
} from '@modelcontextprotocol/sdk/types.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

import { until } from './until.ts';

export const EVERY_CAPABILITY: ClientCapabilities = {
  sampling: {},
  elicitation: { form: {}, url: {} },
  roots: { listChanged: true },
};

/** The official SDK client with everything a server can ask of it, answering under its own name. */
export class FullClient implements AsyncDisposable {
  readonly sdk: Client;
  readonly name: string;
  /** What it was told without having asked. */
  readonly notifications: Notification[] = [];
  /** Methods of the requests that it answered. */
  readonly answered: string[] = [];
  roots: string[] = [];

  constructor(name: string, capabilities: ClientCapabilities = EVERY_CAPABILITY) {
    this.name = name;
    this.sdk = new Client({ name, version: '1.0.0' }, { capabilities });
    this.roots = [`file:///home/${name}`];
    this.sdk.fallbackNotificationHandler = async (notification) => void this.notifications.push(notification);
    if (capabilities.sampling) this.sdk.setRequestHandler(CreateMessageRequestSchema, () => this.sampled());
    if (capabilities.elicitation) {
      this.sdk.setRequestHandler(ElicitRequestSchema, ({ params }) => this.elicited(params.mode));
    }
    if (capabilities.roots) {
      this.sdk.setRequestHandler(ListRootsRequestSchema, () => {
        this.answered.push('roots/list');
        return { roots: this.roots.map((uri) => ({ uri })) };
      });
    }
  }

  async connect(transport: Transport): Promise<this> {
    await this.sdk.connect(transport);
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
