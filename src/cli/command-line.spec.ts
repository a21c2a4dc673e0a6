import { parseCommandLine } from './command-line.js';

describe('the command line', () => {
  it('runs the gateway when it says nothing', () => {
    expect(parseCommandLine([])).toEqual({
      command: 'run',
      config: undefined,
      mcpJson: undefined,
      logLevel: undefined,
      dev: false,
      validate: false,
    });
  });

  it('knows every flag', () => {
    expect(parseCommandLine(['--config', 'a.toml', '--validate', '--log-level=debug', '--dev'])).toMatchObject({
      config: 'a.toml',
      validate: true,
      logLevel: 'debug',
      dev: true,
    });
    expect(parseCommandLine(['run', '--mcp-json', 'm.json'])).toMatchObject({ command: 'run', mcpJson: 'm.json' });
    expect(parseCommandLine(['--help', '--dev'])).toEqual({ command: 'help' });
    expect(parseCommandLine(['-v'])).toEqual({ command: 'version' });
    expect(parseCommandLine(['schema'])).toEqual({ command: 'schema' });
    expect(parseCommandLine(['audit', 'verify', 'a', 'b', '--key-file', 'k'])).toEqual({
      command: 'audit',
      files: ['a', 'b'],
      keyFile: 'k',
      lastHash: undefined,
    });
    expect(parseCommandLine(['generate', '--check'])).toEqual({ command: 'generate', check: true });
    expect(parseCommandLine(['keys', 'new', 'ci'])).toEqual({ command: 'keys new', name: 'ci' });
    expect(parseCommandLine(['keys', 'hash', '--scrypt'])).toEqual({ command: 'keys hash', scrypt: true });
  });

  it.each([
    [['--frobnicate'], "Unknown option '--frobnicate'"],
    [['--config'], "Option '-c, --config <value>' argument missing"],
    [['--dev=yes'], "Option '--dev' does not take an argument"],
    [['serve'], 'unknown command "serve"; known: run, lock, keys, explain, audit, schema, generate'],
    [['schema', 'more'], 'unexpected argument "more"'],
    [['--log-level', 'loud'], 'unknown log level "loud"; known: fatal, error, warn, info, debug, trace, silent'],
    [['audit'], 'audit can be asked to: verify FILE…'],
    [['audit', 'verify'], 'audit verify needs the files'],
    [['audit', 'verify', 'f', '--last-hash', 'x'], '--last-hash is 64 hexadecimal digits'],
    [['schema', '--key-file', 'k'], "Unknown option '--key-file'"],
    [['--check'], "Unknown option '--check'"],
    [['--scrypt'], "Unknown option '--scrypt'"],
    [['keys'], 'keys is used like this: keys new NAME, keys hash [--scrypt]'],
    [['keys', 'new', 'a"b'], 'a name has letters, digits and . _ @ : / - only'],
    [['--config', 'a', '--mcp-json', 'b'], '--config and --mcp-json are two ways to say the same; use one'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseCommandLine(argv)).toThrow(message);
  });
});
