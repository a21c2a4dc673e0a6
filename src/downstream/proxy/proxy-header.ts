import { isIP } from 'node:net';

import { canonicalAddress } from './address.js';

/** What a PROXY header says of the connection behind the proxy. */
export interface ProxyHeader {
  /** Bytes that it takes. */
  readonly length: number;
  /** The client's address. Undefined where the proxy speaks for itself, or of something that is no IP address. */
  readonly source: string | undefined;
}

const LONGEST_V1 = 107;
const FIXED_V2 = 16;
/** Addresses and further fields of version 2. What a proxy adds to it is small; more is refused. */
const MOST_BEHIND_FIXED = 520;
const SIGNATURE_V1 = Buffer.from('PROXY ');
const SIGNATURE_V2 = Buffer.from('\r\n\r\n\0\r\nQUIT\n');
const VERSION_2 = 0x2;
const LOCAL = 0x0;
const PROXY = 0x1;
const STREAM = 0x1;
/** Bytes of source and destination, addresses and ports, by address family. */
const ADDRESS_BYTES: ReadonlyMap<number, number> = new Map([
  [0x1, 12],
  [0x2, 36],
  [0x3, 216],
]);

/** Longest header that is taken, in bytes. */
export const MAX_PROXY_HEADER_BYTES = FIXED_V2 + MOST_BEHIND_FIXED;

/**
 * Reads the PROXY header, of either version, that a connection begins with.
 *
 * @returns `incomplete` while it may still become one, `malformed` when it cannot
 * @see https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  if (begins(bytes, SIGNATURE_V2)) return bytes.length < FIXED_V2 ? 'incomplete' : readV2(bytes);
  return begins(bytes, SIGNATURE_V1) ? readV1(bytes) : 'malformed';
}

/** Whether the bytes are the signature, and what follows, or the beginning of it. */
function begins(bytes: Buffer, signature: Buffer): boolean {
  const common = Math.min(bytes.length, signature.length);
  return bytes.compare(signature, 0, common, 0, common) === 0;
}

function readV1(bytes: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  const end = bytes.subarray(0, LONGEST_V1).indexOf('\r\n');
  if (end < 0) return bytes.length < LONGEST_V1 ? 'incomplete' : 'malformed';
  const length = end + 2;
  const [, protocol, source = '', destination = '', ...ports] = bytes.toString('latin1', 0, end).split(' ');
  if (protocol === 'UNKNOWN') return { length, source: undefined };
  const family = protocol === 'TCP4' ? 4 : protocol === 'TCP6' ? 6 : 0;
  const isWhole = ports.length === 2 && ports.every(isPort) && family !== 0;
  const isAddressed = isWhole && isIP(source) === family && isIP(destination) === family;
  return isAddressed ? { length, source: canonicalAddress(source) } : 'malformed';
}

function isPort(written: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(written) && Number(written) <= 65_535;
}

function readV2(bytes: Buffer): ProxyHeader | 'incomplete' | 'malformed' {
  const [version, command] = nibbles(bytes.readUInt8(12));
  const [family, transport] = nibbles(bytes.readUInt8(13));
  const behind = bytes.readUInt16BE(14);
  const length = FIXED_V2 + behind;
  const isKnown = version === VERSION_2 && (command === LOCAL || command === PROXY) && family <= 3 && transport <= 2;
  if (!isKnown || behind > MOST_BEHIND_FIXED) return 'malformed';
  const isOfClient = command === PROXY && transport === STREAM;
  if (isOfClient && behind < (ADDRESS_BYTES.get(family) ?? 0)) return 'malformed';
  if (bytes.length < length) return 'incomplete';
  if (!isOfClient) return { length, source: undefined };
  return { length, source: sourceOf(family, bytes) };
}

function nibbles(byte: number): [high: number, low: number] {
  return [byte >> 4, byte & 0xf];
}

function sourceOf(family: number, bytes: Buffer): string | undefined {
  if (family === 0x1) return bytes.subarray(FIXED_V2, FIXED_V2 + 4).join('.');
  if (family !== 0x2) return undefined;
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(FIXED_V2 + index * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}
