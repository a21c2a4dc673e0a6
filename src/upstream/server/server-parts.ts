import type { Clock } from '../../core/clock.js';
import type { Events } from '../../core/events.js';
import type { Credentials } from '../credentials/credentials.js';
import type { Children } from '../own/children.js';
import type { ServerSettings } from '../server-settings.js';
import type { UpstreamTransport } from '../upstream-transport.js';

/** What a server is made of. */
export interface ServerParts {
  readonly settings: ServerSettings;
  /** The name under which configuration knows the transport. */
  readonly transportName: string;
  readonly transport: UpstreamTransport;
  readonly clock: Clock;
  readonly events: Events;
  /** What it is shown that changes with time or with whoever asks. */
  readonly credentials?: Credentials | undefined;
  /** The child processes of all servers. */
  readonly children: Children;
}
