import { Logger } from '@nestjs/common';

import { UpstreamTransport } from '../upstream-transport.js';
import type { Wire, WireContext, WireListener } from '../wire.js';
import { ChildGroup } from './stdio/child-group.js';
import { StderrLog } from './stdio/stderr-log.js';
import { StdioWire } from './stdio/stdio.wire.js';
import { Valve } from './valve.js';

/** Starts a command and speaks with it over stdin and stdout; every wire is a child of its own. */
@UpstreamTransport({ name: 'stdio', schemes: ['stdio'] })
export class StdioTransport implements UpstreamTransport {
  private readonly logger = new Logger('upstream');

  async open(context: WireContext, listener: WireListener): Promise<Wire> {
    const { settings, clock } = context;
    const { group, id } = settings;
    const child = await ChildGroup.start(settings, clock);
    const line = (text: string) => ({
      msg: 'server stderr',
      upstream_group: group,
      upstream_server: `${group}/${id}`,
      text,
    });
    const stderr = new StderrLog(
      () => clock.now(),
      (text) => this.logger.debug(line(text)),
    );
    const valve = new Valve(child.stderr);
    child.stderr.on('data', (chunk: Buffer) => {
      stderr.push(chunk);
      valve.took(chunk.length, 0);
    });
    child.stderr.on('error', () => undefined);
    const wire = new StdioWire(child, context, listener);
    // It ended without having been told to: what it said last is most likely why.
    child.stderr.once('close', () => {
      if (!wire.isDismissed && stderr.lastWords !== '') this.logger.warn(line(stderr.lastWords));
    });
    return wire;
  }
}
