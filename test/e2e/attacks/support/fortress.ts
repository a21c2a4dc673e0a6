import { Target, statusesOf, type RawAnswer } from '../../../hostile/support/target.ts';
import type { Answer } from './attack.ts';
import { SECRET, type Mode } from './mode.ts';

const CONFIGURATION = `
[[upstream.groups.default.servers]]
command = "node"
args = ["--title=canary-argument", "examples/basic/src/server.ts"]
env = { API_KEY = "canary-child" }
[[upstream.groups.gone.servers]]
url = "http://127.0.0.1:9/mcp?token=canary-query"
headers = { Authorization = "Bearer canary-upstream" }
[gateway]
first_list_wait = 0
list_timeout = "500ms"
`;

/** The gateway with secrets planted wherever a configuration can hold one, and a good client that never notices. */
export async function fortify({ toml, pass }: Mode): Promise<Target> {
  return Target.start(`${CONFIGURATION}${toml}`, 'headers_timeout = "1s"\nrequest_timeout = "2s"', {
    awaited: ['default-1'],
    env: { CANARY_SECRET: SECRET },
    pass: Object.fromEntries(
      pass
        .split('\r\n')
        .filter(Boolean)
        .map((line) => line.split(': ') as [string, string]),
    ),
  });
}

/** The code of the close frame that comes last. */
function closeCodeIn(text: string): number | undefined {
  const bytes = Buffer.from(text, 'latin1');
  const at = bytes.lastIndexOf(0x88);
  return at > text.indexOf('\r\n\r\n') && at + 4 <= bytes.length ? bytes.readUInt16BE(at + 2) : undefined;
}

/** What a table compares. */
export function seen({ text, closed }: RawAnswer, expected: Answer): Answer {
  const statuses = statusesOf(text);
  const found = /"code":(-?\d+)/.exec(text.slice(text.lastIndexOf('\r\n\r\n')))?.[1];
  return {
    statuses: statuses.length === 0 && closed ? [0] : statuses,
    ...(expected.code !== undefined && { code: Number(found) }),
    ...(expected.closes !== undefined && { closes: closeCodeIn(text) }),
    ...(expected.says && { says: expected.says.test(text) ? expected.says : new RegExp(text.slice(-200)) }),
  };
}
