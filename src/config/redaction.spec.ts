import { Doc, IsDuration, NestedMap, StringMap } from '../extension/index.js';
import { readToml } from './document/toml.format.js';
import { loadConfig } from './load/load-config.js';
import { redactedConfig, redactText } from './redaction.js';
import { Section } from './section.js';

class Server {
  @Doc('Where.') readonly url: string = '';
  @Doc('With.') readonly args: readonly string[] = [];
  @Doc('Headers.') @StringMap() readonly headers: Readonly<Record<string, string>> = {};
  @Doc('Environment.') @StringMap() readonly env: Readonly<Record<string, string>> = {};
}

@Section('some.part')
class Part {
  @Doc('A secret.') readonly apiKey: string = 'default-key';
  @Doc('Secrets.') readonly keys: readonly string[] = ['default-key'];
  @Doc('A wait.') @IsDuration() readonly wait: number = 30_000;
  @Doc('A name.') readonly name: string = '';
  @Doc('Nothing.') readonly none: string | undefined = undefined;
  @Doc('Servers.') @NestedMap(() => Server) readonly servers: Readonly<Record<string, Server>> = {};
}

const TEXT = `
[some.part]
name = "\${NAME}"
[some.part.servers.a]
url = "https://me:pass@host/x"
args = ["--token", "abc", "--api-key=abc", "plain", "\${TOKEN}", "x\${TOKEN}y"]
headers = { Anything = "abc" }
env = { GITHUB_TOKEN = "abc", LANG = "C", OTHER = "see hunter2hunter2" }
`;

const SNAPSHOT = loadConfig(readToml(TEXT, 'f'), {
  sections: [Part],
  environment: { NAME: 'n', TOKEN: 'hunter2hunter2' },
});

describe('a redacted configuration', () => {
  it('shows everything but secrets, in the words of the file', () => {
    expect(redactedConfig(SNAPSHOT)).toEqual({
      some: {
        part: {
          api_key: '***',
          keys: ['***'],
          wait: '30s',
          name: '***',
          servers: {
            a: {
              url: 'https://me:***@host/x',
              args: ['--token', '***', '--api-key=***', 'plain', '***', '***'],
              headers: { Anything: '***' },
              env: { GITHUB_TOKEN: '***', LANG: 'C', OTHER: 'see ***' },
            },
          },
        },
      },
    });
  });

  it('blots secrets out of any text, but not what is too short to be one', () => {
    expect(redactText('n hunter2hunter2 n', SNAPSHOT.provenance)).toBe('n *** n');
  });
});
