import { styleText } from 'node:util';

import { type ToolDifference, visible } from '../pinning/index.js';
import type { Terminal } from './terminal.js';

/** Lines around a change that are shown as well. */
const CONTEXT = 2;

const COLOURS = { '-': 'red', '+': 'green', ' ': 'dim' } as const;

/** A paragraph for each tool: what became of it, and the lines of its definition that are others. */
export function printDifferences(terminal: Terminal, differences: readonly ToolDifference[]): void {
  const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
    terminal.hasColours ? styleText(style, text, { validateStream: false }) : text;
  for (const { group, tool, change, lines, isAmbiguous } of differences) {
    const doubt = isAmbiguous ? ' (a key stands twice in it: it cannot be approved)' : '';
    terminal.out(styled('bold', `${change} ${group}/${quoted(tool)}${doubt}`));
    const changed = lines.map(({ sign }) => sign !== ' ');
    let last = -1;
    for (const [at, { sign, text }] of lines.entries()) {
      if (!changed.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some(Boolean)) continue;
      if (at > last + 1) terminal.out(styled('dim', '    …'));
      terminal.out(styled(COLOURS[sign], `  ${sign} ${text}`));
      last = at;
    }
    terminal.out('');
  }
}

/** A name that a stranger chose, as it may be shown on a screen. Simple ones stand there as they are. */
export function quoted(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : visible(JSON.stringify(name));
}
