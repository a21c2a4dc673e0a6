const IPV4 = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i;

/** Whether an address, as a socket tells it, is reached from this machine only. */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || IPV4.test(address);
}

/**
 * Whether a `Host` header names this machine: `localhost` or a loopback address, with or without a port.
 * A page elsewhere that rebinds its own name to 127.0.0.1 still sends its own name.
 */
export function isLoopbackHost(host: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host) ?? [];
  return name.toLowerCase() === 'localhost' || isLoopbackAddress(name.replace(/^\[(.*)\]$/, '$1'));
}
