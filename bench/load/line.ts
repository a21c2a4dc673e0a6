/** An open way to the server under test, with the handshake done. */
export interface Line {
  send(message: string): void;
  close(): void;
}

/** One transport to the server under test. */
export interface Dialer {
  /** Opens a line of its own for one client. */
  open(listener: Listener): Promise<Line>;
  /** Lets go of what the lines share. */
  close(): Promise<void>;
}

/** What hears from a line. */
export interface Listener {
  /** One JSON-RPC message arrived. */
  message(json: string): void;
  /** Something happened that must not: a broken connection, a status that is not 200. */
  fault(reason: string): void;
}

export const PROTOCOL_VERSION = '2025-11-25';

/** The first message of every client. */
export const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 'initialize',
  method: 'initialize',
  params: { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo: { name: 'bench', version: '1.0.0' } },
});

/** What it says once that was answered. */
export const INITIALIZED = JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' });
