import { PRODUCT_INFO } from '../product.js';
import { EXIT, type ExitCode, type Terminal } from './terminal.js';

const HELP = `Usage: mcp-gateway [run] [options]
       mcp-gateway lock [--approve [GROUP[/TOOL]…]] [--json] [options]
       mcp-gateway schema
       mcp-gateway generate [--check]
       mcp-gateway keys new NAME
       mcp-gateway keys hash [--scrypt]
       mcp-gateway audit verify FILE… [--key-file FILE] [--last-hash HASH]
       mcp-gateway explain --principal METHOD:SUBJECT --tool NAME [--group NAME] …

One address in front of many Model Context Protocol servers.

Options:
  -c, --config FILE     configuration in TOML (default: config/gateway.toml, else /etc/mcp-gateway/config.toml)
      --mcp-json FILE   start from a {"mcpServers": {…}} file, with defaults for everything else
      --validate        check the configuration and exit: 0 when it is good, 1 with every problem
      --log-level LEVEL fatal, error, warn, info, debug, trace or silent
      --dev             readable logs at level debug
  -h, --help            show this
  -v, --version         show the version

Commands:
  lock                  ask every server for its tools and show how they differ from those approved in mcp.lock:
                        0 when they do not, 1 when they do; with --approve approve them, or only those named
  schema                print the JSON Schema of the configuration
  generate              write the schema, the example configuration and the reference; with --check only
                        say whether they are up to date
  keys new NAME         print a fresh API key and the row for the configuration
  keys hash             read a key from standard input and print its SHA-256; with --scrypt a password's hash
  audit verify          check the chain of an audit log: 0 when it is whole, 1 with the first line that is wrong.
                        --key-file holds its hmac_key; --last-hash is a hash that must stand in it
  explain               say which rules of [security.policy] allow a request and which do not, and why:
                        --principal METHOD:SUBJECT [--role R]… [--scope S]… [--tenant T] [--claims JSON]
                        --tool NAME | --prompt NAME | --resource URI [--group G] [--route R] [--arguments JSON]

A change of the configuration file, or a SIGHUP, is applied while the gateway runs.`;

export function showHelp(terminal: Terminal): ExitCode {
  terminal.out(HELP);
  return EXIT.ok;
}

export function showVersion(terminal: Terminal): ExitCode {
  terminal.out(`${PRODUCT_INFO.name} ${PRODUCT_INFO.version} (node ${process.version})`);
  return EXIT.ok;
}
