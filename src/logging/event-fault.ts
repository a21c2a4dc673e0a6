import { PinoLogger } from 'nestjs-pino';

/** For `new Events(logEventFault)`: says that a listener failed. Says nothing before there is a logger. */
export function logEventFault(thrown: unknown): void {
  PinoLogger.root?.error({ err: thrown }, 'a listener failed');
}
