import { DownstreamApp } from '../../test/support/downstream.js';
import { until } from '../../test/support/until.js';
import { readParams } from '../protocol/index.js';

let app: DownstreamApp;

describe('what a session is told', () => {
  beforeEach(async () => {
    app = await DownstreamApp.start();
  });

  afterEach(() => app.stop());

  it('is told what concerns its route, from its beginning to its end', async () => {
    const desk = await app.introduced();
    const crm = await app.introduced('2025-11-25', '/mcp/crm');
    expect([app.stays('mcp').length, app.stays('crm').length]).toEqual([1, 1]);
    app
      .stays('crm')[0]
      ?.deliver({ kind: 'notification', method: 'notifications/tools/list_changed', params: undefined });
    expect(await crm.next()).toEqual({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    desk.socket.close();
    await until(() => app.stays('mcp').length === 0, 'the session to leave');
  });

  it('passes on what no revision knows, and nothing that is bound to a request of another leg', async () => {
    const desk = await app.introduced();
    const [stay] = app.stays();
    for (const method of ['notifications/progress', 'notifications/cancelled', 'notifications/vendor/news']) {
      stay?.deliver({
        kind: 'notification',
        method,
        params: readParams(Buffer.from('{"requestId":1,"progressToken":1}')),
      });
    }
    expect(await desk.next()).toMatchObject({ method: 'notifications/vendor/news' });
  });

  it('leaves out log messages that are less severe than the client wants', async () => {
    const desk = await app.introduced();
    const stay = app.stays()[0]!;
    stay.logLevel = 'error';
    for (const level of ['warning', 'critical']) {
      const params = readParams(Buffer.from(JSON.stringify({ level, data: level })));
      stay.deliver({ kind: 'notification', method: 'notifications/message', params });
    }
    expect(await desk.next()).toMatchObject({ params: { level: 'critical' } });
  });

  it('hands on that the roots of a client changed, once it has introduced itself', async () => {
    const stranger = await app.connect();
    stranger.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    const desk = await app.introduced();
    desk.send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    desk.send({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' });
    await until(() => app.routes.notified.length > 0, 'the notification');
    expect(app.routes.notified.map(({ method, stay }) => [method, stay.peer?.info.name])).toEqual([
      ['notifications/roots/list_changed', 'desk'],
    ]);
  });
});
