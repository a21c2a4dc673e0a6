import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from './gateway.ts';

/** A fenced block of a page of the documentation. */
export interface DocBlock {
  /** `security.md:42`, the line of its first line. */
  readonly place: string;
  readonly language: string;
  readonly heading: string;
  readonly text: string;
}

/** All fenced blocks of a page, in its order. */
export function docBlocks(page: string): readonly DocBlock[] {
  const blocks: DocBlock[] = [];
  let heading = '';
  let open: { language: string; start: number; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(join(ROOT, 'docs', page), 'utf8')
    .split('\n')
    .entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (fence && open) {
      const { language, start, lines } = open;
      blocks.push({ place: `${page}:${start}`, language, heading, text: `${lines.join('\n')}\n` });
      open = undefined;
    } else if (fence) open = { language: fence[1] ?? '', start: index + 2, lines: [] };
    else if (open) open.lines.push(line);
    else if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
  }
  return blocks;
}

/** The whole configuration below a heading of docs/security.md. */
export function recipe(heading: string): string {
  const found = docBlocks('security.md').find((block) => block.heading === heading && isWhole(block));
  if (!found) throw new Error(`docs/security.md has no whole configuration below "${heading}"`);
  return found.text;
}

/** Whether a block says that nothing is missing in it. */
export function isWhole({ language, text }: DocBlock): boolean {
  return language === 'toml' && text.startsWith('# gateway.toml\n');
}
