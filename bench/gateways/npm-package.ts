import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PEERS = fileURLToPath(new URL('../.peers/', import.meta.url));

/** A program that npm offers, installed on demand into a folder of its own that git does not see. */
export interface NpmPackage {
  readonly name: string;
  /** Exact. */
  readonly version: string;
  /** Path of its program within the package. */
  readonly bin: string;
}

/** The program of a package, or why it cannot be had. */
export function npmProgram({
  name,
  version,
  bin,
}: NpmPackage): { readonly path: string } | { readonly refusal: string } {
  const root = join(PEERS, `${name}-${version}`);
  const path = join(root, 'node_modules', name, bin);
  if (existsSync(path)) return { path };

  const options = ['--prefix', root, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'];
  try {
    execFileSync('npm', ['install', ...options, `${name}@${version}`], { stdio: 'ignore', timeout: 180_000 });
  } catch {
    return { refusal: `npm cannot install ${name} ${version} here` };
  }
  return existsSync(path) ? { path } : { refusal: `${name} ${version} has no ${bin}` };
}
