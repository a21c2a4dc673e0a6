import { once } from 'node:events';

import { Logger } from '@nestjs/common';

import { createListener } from './listener.js';

const TIMES = { headersTimeout: 1_000, requestTimeout: 1_000, keepaliveTimeout: 1_000 };

describe('a listener', () => {
  it('goes on when a connection cannot be accepted, as when the system has no room', async () => {
    const said = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
    const server = createListener({ times: TIMES }, (_request, response) => response.end('here'));
    try {
      await once(server.listen(0, '127.0.0.1'), 'listening');
      expect(() => server.emit('error', new Error('accept ENFILE'))).not.toThrow();
      expect(said).toHaveBeenCalledOnce();
      const { port } = server.address() as { port: number };
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
      expect(await response.text()).toBe('here');
    } finally {
      said.mockRestore();
      server.close();
    }
  });

  it('leaves it to whoever starts it to say that it cannot listen', () => {
    const server = createListener({ times: TIMES }, () => undefined);
    expect(() => server.emit('error', new Error('EADDRINUSE'))).toThrow('EADDRINUSE');
  });
});
