import { envelope, SERVER_INFO } from './modern.ts';
import type { Json } from './raw-clients.ts';

/** `_meta` of a request of a client that can do nothing, of one that can be asked by a form, of a result, and of nothing yet. */
const METAS: Readonly<Record<string, Json>> = {
  E: envelope(),
  F: envelope({ capabilities: { elicitation: { form: {} } } }),
  S: { [SERVER_INFO]: { name: 'gw', version: '«version»' } },
  N: {},
};

const MACRO = /(?<=[{,])@([EFSN])(\+?)(?=[{,}])/;

/** A message with its macros written out: `@E`, `@F`, `@S` and `@N`, with more members as `@E+{…}`, where those of the protocol go without its name. */
export function expanded(text: string): string {
  const found = MACRO.exec(text);
  if (!found) return text;
  const [macro, letter = '', plus] = found;
  const end = found.index + macro.length;
  const more = plus === '' ? '' : objectAt(text, end);
  const meta = { ...METAS[letter], ...inFull(JSON.parse(more || '{}') as Json) };
  const before = `${text.slice(0, found.index)}"_meta":${JSON.stringify(meta)}`;
  return before + expanded(text.slice(end + more.length));
}

const OF_THE_PROTOCOL = ['clientCapabilities', 'clientInfo', 'logLevel', 'subscriptionId'];

function inFull(given: Json): Json {
  const name = (key: string): string => (OF_THE_PROTOCOL.includes(key) ? `io.modelcontextprotocol/${key}` : key);
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [name(key), value]));
}

/** The text of the object that begins there. No text in it has braces. */
function objectAt(text: string, start: number): string {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return text.slice(start, at + 1);
  }
  throw new Error(`no object at ${text.slice(start)}`);
}
