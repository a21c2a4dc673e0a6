/** What is known of the connection that a client made: trusted proxies in between are looked through. */
export interface ClientConnection {
  /** Without port; an IPv4 address is written as one. Empty when the client is gone already. */
  readonly address: string;
  /** Whether the client spoke TLS, to us or to a proxy that may say so. */
  readonly secure: boolean;
}

/** As much of an HTTP request as tells how it came. */
export interface Arrived {
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean };
}

/** Only what came through a proxy is in here; requests are forgotten with their garbage. */
const told = new WeakMap<Arrived, ClientConnection>();

/** Notes what trusted proxies say of a request, before anybody asks for it. */
export function noteConnection(request: Arrived, connection: ClientConnection): void {
  told.set(request, connection);
}

/** The address of the client, which every limit, log and choice goes by. */
export function clientAddressOf(request: Arrived): string {
  return told.get(request)?.address ?? plainAddress(request.socket.remoteAddress);
}

/** Whether the client reached us by TLS all the way that we know of: what URLs of ours have to begin with. */
export function isSecure(request: Arrived): boolean {
  return told.get(request)?.secure ?? request.socket.encrypted === true;
}

/** An address as a socket tells it, with IPv4 written as IPv4. */
export function plainAddress(address = ''): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
