import { isObject, type JsonObject } from '../../core/json.js';
import { UsageError } from '../usage-error.js';
import { noWords, readFlags } from './flags.js';

/** What `explain` was asked. */
export interface ExplainFlags {
  readonly config: string | undefined;
  readonly method: string;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  readonly tenant: string | undefined;
  readonly claims: JsonObject;
  readonly kind: 'tools' | 'prompts' | 'resources';
  readonly name: string;
  readonly group: string;
  readonly route: string;
  readonly arguments: JsonObject;
}

const OPTIONS = {
  config: { type: 'string', short: 'c' },
  principal: { type: 'string' },
  role: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  tenant: { type: 'string' },
  claims: { type: 'string', default: '{}' },
  tool: { type: 'string' },
  prompt: { type: 'string' },
  resource: { type: 'string' },
  group: { type: 'string', default: 'default' },
  route: { type: 'string', default: 'mcp' },
  arguments: { type: 'string', default: '{}' },
} as const;

/** @throws UsageError */
export function explainLine(argv: readonly string[]): ExplainFlags & { readonly command: 'explain' } {
  const { values, positionals } = readFlags(argv, OPTIONS);
  noWords(positionals);
  const { principal = '', tool, prompt, resource } = values;
  const colon = principal.indexOf(':');
  if (colon < 1) throw new UsageError('explain needs --principal METHOD:SUBJECT, such as api_key:ci');
  const things = Object.entries({ tools: tool, prompts: prompt, resources: resource });
  const [[kind, name] = [], ...others] = things.filter(([, name]) => name !== undefined);
  if (name === undefined || others.length > 0)
    throw new UsageError('explain needs one of --tool, --prompt, --resource');
  return {
    command: 'explain',
    config: values.config,
    method: principal.slice(0, colon),
    subject: principal.slice(colon + 1),
    roles: values.role ?? [],
    scopes: values.scope ?? [],
    tenant: values.tenant,
    claims: objectIn('claims', values.claims),
    kind: kind as ExplainFlags['kind'],
    name,
    group: values.group,
    route: values.route,
    arguments: objectIn('arguments', values.arguments),
  };
}

function objectIn(flag: string, text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw new UsageError(`--${flag} must be a JSON object`);
}
