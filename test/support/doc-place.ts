import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { hashPassword } from '../../src/auth/index.ts';
import { Authority } from './certificates.ts';
import { isWhole, type DocBlock } from './doc-blocks.ts';

const FAST = { ln: 10, r: 8, p: 1 } as const;
/** Paths in the documentation that are to be there. */
const PATHS = /(?<=["{]|file:)\/(etc|run|var|srv)\/[\w./-]+/g;

/** A directory in which everything lies that the documentation names: certificates, keys, secrets. */
export class DocPlace implements Disposable {
  readonly authority = Authority.create();
  readonly directory = mkdtempSync(join(tmpdir(), 'documented-'));
  private readonly server = this.authority.server();

  private constructor(private readonly hash: string) {}

  static async create(): Promise<DocPlace> {
    return new DocPlace(await hashPassword('canary-password', FAST));
  }

  /** What stands for the variables of a text. */
  variables(text: string): Record<string, string> {
    const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!);
    return Object.fromEntries(names.map((name) => [name, this.secret(name)]));
  }

  /** A text with the paths in it moved to here, and made. */
  moved(text: string): string {
    return text.replaceAll(PATHS, (path) => {
      const file = join(this.directory, path);
      mkdirSync(dirname(file), { recursive: true });
      this.fill(file);
      return file;
    });
  }

  /** A block as a whole configuration: what its page leaves out because it is not what it is about is put in. */
  whole(block: DocBlock): string {
    const written = this.moved(block.text)
      .replaceAll('sha256 = "…"', () => `sha256 = "${'5'.repeat(64)}"`)
      .replaceAll('"$scrypt$…"', `"${this.hash}"`);
    return isWhole(block) ? written : this.framed(written);
  }

  [Symbol.dispose](): void {
    this.authority.dispose();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private framed(text: string): string {
    const conditions = /^(when = .*\n)+$/.test(text);
    const rules = (all: string): string =>
      all.replaceAll(/^when = /gm, (line, at: number) => `[[security.policy.rules]]\nname = "rule ${at}"\n${line}`);
    const certificate = this.moved('cert_file = "/etc/tls.crt"\nkey_file = "/etc/tls.key"\n');
    const body = (conditions ? rules(text) : text)
      // Stands for what was said of the section before.
      .replace(/^# …\n/m, certificate)
      .replace(/^(?=(?:.*\n)*?\[upstream\.groups\.crm\.servers\.auth\.oauth\]\ntoken_url)/, SERVER_OF_CRM)
      .replace(/^key_passphrase.*\n/m, '')
      .replace(/^(?=methods = .*"jwt")/m, JWT_SECRET.split('\n')[1] + '\n');
    return [body, ...this.missing(body)].join('\n');
  }

  private *missing(body: string): Generator<string> {
    const groups = new Set([...body.matchAll(/^\[upstream\.groups\.(\w+)\]/gm)].map(([, name]) => name!));
    const served = new Set([...body.matchAll(/^\[\[upstream\.groups\.(\w+)\.servers\]\]/gm)].map(([, name]) => name!));
    for (const name of ['default', ...groups].filter((one) => !served.has(one))) yield serverOf(name);
    const routes = [...body.matchAll(/^\[security\.[\w.]*?(?:routes|groups)\.(\w+)\]/gm)].map(([, name]) => name!);
    for (const name of new Set(routes))
      if (name !== 'mcp' && !groups.has(name) && !served.has(name)) yield serverOf(name);
    yield* this.named(body);
  }

  /** What methods and roles that a text names cannot do without. */
  private *named(body: string): Generator<string> {
    const methods = (body.match(/methods = \[.*/g) ?? []).join(' ');
    if (methods === '' || !/^\[security\.auth/m.test(body)) {
      if (body.includes('[admin.jwt_roles]')) yield JWT_SECRET;
      if (/^host = "10\./m.test(body) && body.includes('[admin]')) yield ADMIN_KEY;
      return;
    }
    if (methods.includes('api_key')) yield `[[security.auth.api_keys]]\nname = "dummy"\nsha256 = "${'6'.repeat(64)}"\n`;
    if (methods.includes('mtls')) yield '[security.auth.mtls]\nenabled = true\n';
  }

  private secret(name: string): string {
    return name.endsWith('_HASH') ? this.hash : `canary-of-${name}-${'x'.repeat(40)}`;
  }

  private fill(file: string): void {
    const name = basename(file);
    if (name.endsWith('.hash')) writeFileSync(file, this.hash);
    else if (name.endsWith('.toml')) writeFileSync(file, '');
    else if (name.endsWith('ca.pem')) copyFileSync(this.authority.certFile, file);
    else if (/\.(crt|pem)$/.test(name)) copyFileSync(this.server.certFile, file);
    else if (name.endsWith('.key')) copyFileSync(this.server.keyFile, file);
    else writeFileSync(file, this.secret(name));
  }
}

const JWT_SECRET = '[security.auth]\njwt_secret = "canary-0123456789-abcdefghijklmnopqrstuvwxyz"\n';
const ADMIN_KEY = `[[admin.api_keys]]\nname = "dummy"\nsha256 = "${'7'.repeat(64)}"\nrole = "admin"\n`;
const SERVER_OF_CRM = '[[upstream.groups.crm.servers]]\nurl = "https://crm.example/mcp"\n';

function serverOf(group: string): string {
  return `[[upstream.groups.${group}.servers]]\ncommand = "node"\n`;
}
