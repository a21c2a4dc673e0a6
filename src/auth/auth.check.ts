import type { ConfigProblem } from '../config/index.js';
import { type Extensions, isTable, nearest } from '../extension/index.js';
import type { AuthSection } from './auth.section.js';
import { AuthMethod } from './auth-method.js';
import { checkIssuers } from './jwt/issuer.check.js';
import { secretProblem } from './jwt/secret.js';
import { readKeyFile } from './keys/key-file.js';
import { ANONYMOUS_METHOD, type MethodChoice } from './method-choice.js';
import { parsePasswordHash } from './passwords/password-hash.js';

const SECTION = 'security.auth';

/** What is wrong with a configuration of authentication, beyond the shape of each value. Repeats no secret. */
export function checkAuth(section: AuthSection, choice: MethodChoice, extensions: Extensions): ConfigProblem[] {
  return [
    ...checkSecret(section),
    ...checkIssuers(section.jwt.issuers, `${SECTION}.jwt.issuers`),
    ...checkKeys(section),
    ...checkUsers(section),
    ...checkOptions(section, extensions),
    ...(section.enabled ? checkMethods(section, choice) : []),
  ];
}

function checkSecret({ jwtSecret }: AuthSection): ConfigProblem[] {
  const message = jwtSecret === undefined ? undefined : secretProblem(jwtSecret);
  return message === undefined ? [] : [{ key: `${SECTION}.jwt_secret`, message }];
}

function checkKeys({ apiKeys, apiKeysFile }: AuthSection): ConfigProblem[] {
  const problems = ['name', 'sha256'].flatMap((property) => {
    const values = apiKeys.map((row) => row[property as 'name' | 'sha256'].toLowerCase());
    return repeated(values).map((index) => ({
      key: `${SECTION}.api_keys[${index}].${property}`,
      message: 'stands twice',
    }));
  });
  const file = apiKeysFile === undefined ? [] : readKeyFile(apiKeysFile).problems;
  return [...problems, ...file.map((message) => ({ key: `${SECTION}.api_keys_file`, message }))];
}

function checkUsers({ users }: AuthSection): ConfigProblem[] {
  const key = `${SECTION}.users`;
  const twice = repeated(users.map(({ name }) => name));
  const unreadable = users.flatMap(({ passwordHash }, index) => (parsePasswordHash(passwordHash) ? [] : [index]));
  return [
    ...twice.map((index) => ({ key: `${key}[${index}].name`, message: 'stands twice' })),
    ...unreadable.map((index) => ({
      key: `${key}[${index}].password_hash`,
      message: 'is no scrypt or bcrypt hash, or one that takes too long; `mcp-gateway keys hash --scrypt` makes one',
    })),
  ];
}

function repeated(values: readonly string[]): number[] {
  return values.flatMap((value, index) => (values.indexOf(value) < index ? [index] : []));
}

function checkOptions({ options }: AuthSection, extensions: Extensions): ConfigProblem[] {
  if (options !== undefined && !isTable(options)) {
    return [{ key: `${SECTION}.options`, message: 'must be a table of tables' }];
  }
  return Object.entries(options ?? {}).flatMap(([name, raw]) =>
    extensions
      .check(AuthMethod, name, raw)
      .map(({ key, message }) => ({ key: [`${SECTION}.options.${name}`, key].filter(Boolean).join('.'), message })),
  );
}

function checkMethods(section: AuthSection, choice: MethodChoice): ConfigProblem[] {
  const own = Object.entries(section.routes).flatMap(([name, { methods }]) =>
    checkNames(methods, `${SECTION}.routes.${name}.methods`, section, choice),
  );
  const named = checkNames(section.methods, `${SECTION}.methods`, section, choice);
  if (own.length + named.length > 0) return [...named, ...own];
  const usable = choice.of('', section).filter((name) => name !== ANONYMOUS_METHOD);
  if (usable.length > 0) return [];
  const message =
    'authentication is enabled and there is nothing to authenticate with; set jwt_secret, or add [[security.auth.jwt.issuers]], [[security.auth.api_keys]], [[security.auth.users]] or [security.auth.mtls]';
  return [{ key: `${SECTION}.enabled`, message }];
}

function checkNames(
  names: readonly string[],
  key: string,
  section: AuthSection,
  choice: MethodChoice,
): ConfigProblem[] {
  const say = (message: string): ConfigProblem[] => [{ key, message }];
  return names.flatMap((name, index) => {
    if (names.indexOf(name) < index) return say(`"${name}" stands twice`);
    if (name === ANONYMOUS_METHOD)
      return index === names.length - 1 ? [] : say('"anonymous" stands last or not at all');
    if (!choice.known().includes(name)) return say(unknown(name, choice.known()));
    return choice.isConfigured(name, section) ? [] : say(`nothing is configured for "${name}"`);
  });
}

function unknown(name: string, known: readonly string[]): string {
  const meant = nearest(name, [...known, ANONYMOUS_METHOD]);
  const hint = meant === undefined ? `known: ${[...known, ANONYMOUS_METHOD].join(', ')}` : `did you mean "${meant}"?`;
  return `unknown auth method "${name}"; ${hint}`;
}
