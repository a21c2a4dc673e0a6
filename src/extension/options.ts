import { formatKey } from './shape/key-path.js';
import type { ShapeClass } from './shape/shape-class.js';
import { isTable, type Reading, readShape } from './shape/read-shape.js';

/** What is wrong with a named extension or its options. `key` is relative to the options; empty for the name itself. */
export interface OptionProblem {
  readonly key: string;
  readonly message: string;
}

/** The options as an instance of their shape, or what is wrong with them. */
export function readOptions(
  shape: ShapeClass | undefined,
  raw: unknown,
): { readonly options: object | undefined; readonly problems: readonly OptionProblem[] } {
  if (!shape) {
    const none = isTable(raw) && Object.keys(raw).length === 0;
    return { options: undefined, problems: none ? [] : [{ key: '', message: 'takes no options' }] };
  }
  const problems: OptionProblem[] = [];
  const reading: Reading = {
    problem: (path, message) => problems.push({ key: formatKey(path), message }),
    parseText: () => undefined,
  };
  const options = readShape(shape, raw, reading, { path: [] });
  return { options, problems };
}
