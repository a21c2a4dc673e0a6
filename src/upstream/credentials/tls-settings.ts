import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureVersion } from 'node:tls';

import type { ServerTlsConfig, TlsVersion } from './tls.config.js';

/** How one server is spoken to over TLS, in the words of Node. Its certificate is always verified. */
export interface TlsSettings {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly minVersion: SecureVersion;
}

const VERSIONS: Readonly<Record<TlsVersion, SecureVersion>> = { '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' };

/**
 * The settings with what stands in the files now. Undefined where configuration says nothing.
 *
 * @throws Error as the file system does
 */
export function readTls({
  caFile,
  certFile,
  keyFile,
  serverName,
  minVersion,
}: ServerTlsConfig): TlsSettings | undefined {
  const files = [caFile, certFile, keyFile, serverName];
  if (files.every((file) => file === undefined) && minVersion === '1.2') return undefined;
  return {
    ...(caFile !== undefined && { ca: readFileSync(caFile, 'utf8') }),
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
    ...(serverName !== undefined && { servername: serverName }),
    minVersion: VERSIONS[minVersion],
  };
}

/** What is wrong with the files: the key of each, and a sentence. */
export function tlsProblems(config: ServerTlsConfig): { readonly key: string; readonly message: string }[] {
  const problems = FILES.flatMap(([key, property]) => {
    const problem = unreadable(config[property]);
    return problem === undefined ? [] : [{ key, message: problem }];
  });
  const { certFile, keyFile, caFile } = config;
  if (certFile !== undefined && keyFile === undefined)
    problems.push({ key: 'key_file', message: 'a certificate needs its key' });
  if (keyFile !== undefined && certFile === undefined)
    problems.push({ key: 'cert_file', message: 'a key needs its certificate' });
  if (problems.length > 0) return problems;
  const { ca, cert, key } = readTls(config) ?? {};
  if (caFile !== undefined && !isAccepted({ ca }))
    problems.push({ key: 'ca_file', message: 'holds no certificate (PEM)' });
  if (cert !== undefined && !isAccepted({ cert }))
    problems.push({ key: 'cert_file', message: 'holds no certificate (PEM)' });
  else if (cert !== undefined && !isAccepted({ cert, key })) {
    problems.push({ key: 'key_file', message: 'holds no private key (PEM) of that certificate' });
  }
  return problems;
}

const FILES = [
  ['ca_file', 'caFile'],
  ['cert_file', 'certFile'],
  ['key_file', 'keyFile'],
] as const;

function unreadable(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    readFileSync(file);
    return undefined;
  } catch (thrown) {
    return `the file cannot be read (${(thrown as NodeJS.ErrnoException).code})`;
  }
}

function isAccepted(parts: {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}): boolean {
  try {
    // Of authorities whatever is no certificate is silently left out.
    if (parts.ca !== undefined && !parts.ca.includes('-----BEGIN CERTIFICATE-----')) return false;
    createSecureContext(parts);
    return true;
  } catch {
    return false;
  }
}
