import { isIP } from 'node:net';

import { canonicalAddress } from './address.js';

type Header = string | readonly string[] | undefined;

/** Proxies in a row that are believed. One who sends more wants us to read for long. */
const MAX_HOPS = 32;

/** What proxies wrote down of whoever they heard a request from. */
export interface Told {
  /** Nearest first; undefined for what is no address. Undefined as a whole when there are too many to be true. */
  readonly addresses: readonly (string | undefined)[] | undefined;
  /** How the nearest proxy was spoken to: `https`. */
  readonly scheme: string | undefined;
}

/** What stands in `X-Forwarded-For` and `X-Forwarded-Proto`. */
export function readForwardedFor(addresses: Header, scheme: Header): Told {
  const written =
    addresses === undefined
      ? []
      : String(addresses)
          .split(',', MAX_HOPS + 1)
          .toReversed();
  return {
    addresses: written.length > MAX_HOPS ? undefined : written.map((one) => addressIn(one.trim())),
    scheme: scheme === undefined ? undefined : String(scheme).split(',').at(-1)?.trim().toLowerCase(),
  };
}

/**
 * What stands in `Forwarded`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7239#section-4
 */
export function readForwarded(header: Header): Told {
  if (header === undefined) return { addresses: [], scheme: undefined };
  const elements = apart(String(header), ',').toReversed();
  if (elements.length > MAX_HOPS) return { addresses: undefined, scheme: undefined };
  const hops = elements.map((element) => new Map(apart(element, ';').map(pairOf)));
  return {
    addresses: hops.map((hop) => addressIn(hop.get('for') ?? '')),
    scheme: hops[0]?.get('proto')?.toLowerCase(),
  };
}

/** An address with or without a port, and in brackets where it needs them. */
function addressIn(written: string): string | undefined {
  if (isIP(written)) return canonicalAddress(written);
  const [, bracketed, plain = ''] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(written) ?? [];
  return canonicalAddress(bracketed ?? plain);
}

function pairOf(pair: string): [name: string, value: string] {
  const [, name = '', quoted, plain = ''] = /^\s*([^\s=]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"]*))\s*$/.exec(pair) ?? [];
  return [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain];
}

/** Parts between separators that do not stand in quotes. */
function apart(text: string, separator: ',' | ';'): string[] {
  const parts = [''];
  let quoted = false;
  for (let index = 0; index < text.length && parts.length <= MAX_HOPS; index++) {
    const sign = text[index]!;
    if (quoted && sign === '\\') parts[parts.length - 1] += sign + (text[++index] ?? '');
    else if (sign === separator && !quoted) parts.push('');
    else {
      if (sign === '"') quoted = !quoted;
      parts[parts.length - 1] += sign;
    }
  }
  return parts;
}
