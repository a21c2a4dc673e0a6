import { Logger } from '@nestjs/common';

import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { ChildGroup } from './stdio/child-group.js';
import { StderrTail } from './stdio/stderr-tail.js';
import { StdioWire } from './stdio/stdio.wire.js';

/** Starts a command and speaks with it over stdin and stdout; every wire is a child of its own. */
@UpstreamTransport({ name: 'stdio', schemes: ['stdio'] })
export class StdioTransport implements UpstreamTransport {
  private readonly logger = new Logger('upstream');

  async open(context: WireContext, listener: WireListener): Promise<Wire> {
    const { settings, clock } = context;
    const child = await ChildGroup.start(settings, clock);
    const stderr = new StderrTail(
      () => clock.now(),
      (text) =>
        this.logger.debug({ msg: 'server.stderr', upstream_group: settings.group, upstream_server: settings.id, text }),
    );
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stderr.on('error', () => undefined);
    return new StdioWire(child, context, listener);
  }
}
