import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { DownstreamApp, RAW_TRANSPORTS, type Json } from '../../test/support/downstream.js';
import { elicitation, roots, sampling, type Question } from '../../test/support/questions.js';
import { until } from '../../test/support/until.js';
import type { JsonObject } from '../core/json.js';
import { result } from '../core/message.js';

describe.each(RAW_TRANSPORTS)('the official client over %s', (transport) => {
  let app: DownstreamApp;
  let client: Client;
  /** Whether the client has been told that nobody waits for its sampling any more. */
  let aborted: boolean;
  let held: PromiseWithResolvers<void> | undefined;

  beforeEach(async () => {
    app = await DownstreamApp.start();
    aborted = false;
    held = undefined;
    const capabilities = { sampling: {}, elicitation: { form: {} }, roots: { listChanged: true } };
    client = new Client({ name: 'desk', version: '2' }, { capabilities });
    client.setRequestHandler(
      CreateMessageRequestSchema,
      async (_request, { signal, sendNotification, _meta: meta }) => {
        signal.addEventListener('abort', () => (aborted = true));
        const progressToken = meta?.progressToken;
        if (progressToken !== undefined) {
          await sendNotification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
        }
        await held?.promise;
        return { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'sampled' } };
      },
    );
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'accept' as const, content: { name: 'Ada' } }));
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///home' }] }));
    const url = new URL(`http://127.0.0.1:${app.port}/mcp`);
    await client.connect(
      transport === 'websocket' ? new WebSocketClientTransport(url) : new StreamableHTTPClientTransport(url),
    );
  });

  afterEach(async () => {
    held?.resolve();
    await client.close();
    await app.stop();
  });

  function callThatAsks(question: Question): Promise<unknown> {
    app.routes.handler = async (_request, exchange) => {
      exchange.deliver(question.request);
      const structuredContent = (await question.answer) as JsonObject;
      return result({ content: [], structuredContent });
    };
    return client.callTool({ name: 't' }).then(({ structuredContent }) => structuredContent);
  }

  it('answers what a server asks while it serves a request', async () => {
    const sampled = { result: expect.objectContaining({ content: { type: 'text', text: 'sampled' } }) as unknown };
    expect(await callThatAsks(sampling('hi', { progressToken: 0 }))).toEqual(sampled);
    expect(await callThatAsks(elicitation())).toEqual({ result: { action: 'accept', content: { name: 'Ada' } } });
    expect(await callThatAsks(roots())).toEqual({ result: { roots: [{ uri: 'file:///home' }] } });
  });

  it('reports progress of its answer to the server that asked', async () => {
    const question = sampling('hi', { progressToken: 0 });
    await callThatAsks(question);
    expect(question.progress).toEqual([{ progressToken: 0, progress: 1 } satisfies Json]);
  });

  it('answers what a server asks on its own', async () => {
    const [stay] = app.stays();
    await until(() => (stay as unknown as { voice?: unknown }).voice, 'a stream for it');
    const question = roots();
    stay?.deliver(question.request);
    expect(await question.answer).toEqual({ result: { roots: [{ uri: 'file:///home' }] } });
  });

  it('stops when the server takes its question back', async () => {
    held = Promise.withResolvers();
    const question = sampling();
    app.routes.handler = (_request, exchange) => {
      exchange.deliver(question.request);
      return until(() => aborted, 'the client to stop').then(() => result({ content: [] }));
    };
    const called = client.callTool({ name: 't' });
    await until(() => app.routes.seen.length === 1, 'the request');
    question.withdraw();
    await called;
    expect(question.answers).toEqual([]);
  });
});
