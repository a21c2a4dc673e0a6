import { UsageError } from '../usage-error.js';
import { readFlags } from './flags.js';

export type KeysLine =
  { readonly command: 'keys new'; readonly name: string } | { readonly command: 'keys hash'; readonly scrypt: boolean };

const OPTIONS = { scrypt: { type: 'boolean', default: false } } as const;

/** @throws UsageError */
export function keysLine(argv: readonly string[]): KeysLine {
  const { values, positionals } = readFlags(argv, OPTIONS);
  const [action, name, ...rest] = positionals;
  if (action === 'hash' && name === undefined) return { command: 'keys hash', scrypt: values.scrypt };
  if (action !== 'new' || name === undefined || rest.length > 0 || values.scrypt) {
    throw new UsageError('keys is used like this: keys new NAME, keys hash [--scrypt]');
  }
  if (!/^[\w.@:/-]{1,128}$/.test(name)) throw new UsageError('a name has letters, digits and . _ @ : / - only');
  return { command: 'keys new', name };
}
