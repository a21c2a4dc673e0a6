import { GatewayError } from '../core/errors.js';
import { result } from '../core/message.js';
import { call, DownstreamApp } from '../../test/support/downstream.js';
import { until } from '../../test/support/until.js';
import { brisk } from '../../test/support/brisk.ts';

describe('the deadline of an exchange', () => {
  let gateway: DownstreamApp;

  beforeEach(async () => {
    gateway = await DownstreamApp.start({ TimeoutSection: { request: 50 } });
  });
  afterEach(() => gateway.stop());

  it('ends it whatever holds it up, and stops that', async () => {
    gateway.routes.handler = () => new Promise(() => undefined);
    const client = await gateway.introduced();
    const session = await gateway.session();
    const began = performance.now();
    client.send(call('slow', 1));
    const posted = gateway.post(call('slow', 1), session);
    await until(() => gateway.routes.seen.length === 2, 'both requests');
    const signals = gateway.routes.seen.map(({ exchange }) => exchange.signal);

    const late = { id: 1, error: { code: -32603, data: { reason: 'upstream_timeout' } } };
    expect(await client.next()).toMatchObject(late);
    expect((await posted).json).toMatchObject(late);
    expect(performance.now() - began).toBeLessThan(brisk(1_000));
    expect(signals.every(({ aborted }) => aborted)).toBe(true);
    expect(gateway.downstream.inFlight).toBe(0);
  });

  it('leaves it to whoever keeps to it to say what happened', async () => {
    gateway.routes.handler = async (_, { deadline }) => {
      await until(() => performance.now() >= deadline, 'the deadline');
      throw new GatewayError('upstream_timeout', 'late', { maybeExecuted: true });
    };
    const client = await gateway.introduced();

    expect(await client.ask(call('slow', 1))).toMatchObject({ error: { data: { maybeExecuted: true } } });
  });

  it('is nothing to who is in time', async () => {
    gateway.routes.handler = () => Promise.resolve(result({ ok: true }));
    const client = await gateway.introduced();

    expect(await client.ask(call('fast', 1))).toMatchObject({ result: { ok: true } });
  });
});
