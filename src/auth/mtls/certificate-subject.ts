import type { ClientCertificate } from '../credentials.js';

/** Where in a certificate it is said whose it is. */
export type SubjectSource = 'cn' | 'uri' | 'dns';

const COMMON_NAME = 'CN=';
const MAX_SUBJECT = 512;
/** One alternative name after the other; Node quotes one as in JSON that could be taken for several. */
const ALTERNATIVE = /(?:^|, )([\w ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/gy;

/** Whose certificate it is; undefined where it does not say so, or says it twice. */
export function subjectOf(certificate: ClientCertificate, source: SubjectSource): string | undefined {
  const subject = source === 'cn' ? commonName(certificate) : alternativeName(certificate, source);
  return subject === undefined || subject === '' || subject.length > MAX_SUBJECT ? undefined : subject;
}

function commonName({ subject }: ClientCertificate): string | undefined {
  const names = subject.split('\n').filter((line) => line.startsWith(COMMON_NAME));
  return names.length === 1 ? names[0]!.slice(COMMON_NAME.length) : undefined;
}

function alternativeName({ subjectAltName = '' }: ClientCertificate, source: 'uri' | 'dns'): string | undefined {
  const wanted = source.toUpperCase();
  const name = [...subjectAltName.matchAll(ALTERNATIVE)].find(([, kind]) => kind === wanted)?.[2];
  if (!name?.startsWith('"')) return name;
  return JSON.parse(name) as string;
}
