import type { Extensions } from '../extension/index.js';
import { schemeOf, type ServerSettings } from './server-settings.js';
import { UpstreamTransport } from './upstream-transport.js';

/** Names of the transports that serve a URL scheme, or commands (`stdio`): the first is the one to take unless told otherwise. */
export function transportsOf(scheme: string, extensions: Extensions): readonly string[] {
  return extensions
    .names(UpstreamTransport)
    .filter((name) => extensions.traits(UpstreamTransport, name).schemes.includes(scheme));
}

/** The transport that a server is reached by: the one that its settings name, else the first for its address. */
export function transportFor(settings: ServerSettings, extensions: Extensions): string | undefined {
  const names = transportsOf(schemeOf(settings) ?? '', extensions);
  return settings.transport === 'auto' ? names[0] : names.find((name) => name === settings.transport);
}
