import { GatewayError } from '../core/errors.js';
import type { ProblemReport } from '../core/events.js';
import type { ConfigSnapshot } from './config-snapshot.js';

/** Something wrong with a configuration: where, and a sentence that says what. */
export interface ConfigProblem {
  /** As in the file: `upstream.groups.crm.strategy`, `upstream.groups.crm.servers[0].url`. Empty for the file itself. */
  readonly key: string;
  readonly message: string;
  /** Checks leave out what follows; it is found by the key. */
  readonly file?: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** One line for a person: `gateway.toml:12:1: server.port: must be a number`. */
export function formatProblem({ file, line, column, key, message }: ConfigProblem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [place, key, message].filter((part) => part !== '').join(': ');
}

/** A configuration that cannot be used, with everything that is wrong with it. */
export class ConfigRejection extends GatewayError {
  /** @param partial what could be read of it all the same: for further checks, never to be applied */
  constructor(
    readonly problems: readonly ProblemReport[],
    readonly partial?: ConfigSnapshot,
  ) {
    super('config_invalid', `the configuration has ${problems.length} problem${problems.length === 1 ? '' : 's'}`);
  }
}

/** The problems without repetitions, in the order of the file. */
export function inOrder(problems: readonly ProblemReport[]): readonly ProblemReport[] {
  const unique = new Map(problems.map((problem) => [formatProblem(problem), problem]));
  return [...unique.values()].toSorted(
    (a, b) => (a.line ?? Infinity) - (b.line ?? Infinity) || (a.column ?? 0) - (b.column ?? 0),
  );
}
