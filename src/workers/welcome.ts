import type { ConfigInForce } from '../core/reload.js';
import type { Place } from './bus/endpoint.js';

/** What the primary tells a worker before anything else. */
export interface Welcome extends Place {
  /** The configuration that the others run; undefined for the first of all. */
  readonly inForce: ConfigInForce | undefined;
  /** Whether others serve already. */
  readonly isLate: boolean;
}

interface WelcomeMessage {
  readonly mcpGatewayWelcome: Welcome;
}

/** What a worker says when it can be told. */
export const HELLO = { mcpGatewayHello: true } as const;

export function isHello(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'mcpGatewayHello' in message;
}

export function welcomeMessage(welcome: Welcome): WelcomeMessage {
  return { mcpGatewayWelcome: welcome };
}

export function welcomeOf(message: unknown): Welcome | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  return (message as Partial<WelcomeMessage>).mcpGatewayWelcome;
}
