import { parseArgs } from 'node:util';

import type { scan as Scan } from '../src/protocol/index.ts';
import { SAMPLES } from './scanner/messages.ts';

/**
 * Nanoseconds that scanning one message takes, beside `JSON.parse` of the same bytes. Runs what stands in dist/, and
 * with `--against DIR` the build in another directory in turn with it. Of many short slices of time the lower quartile
 * is told: in those above it the machine had something else to do.
 */
const { values } = parseArgs({
  options: { against: { type: 'string' }, slices: { type: 'string', default: '100' } },
});
const LIMITS = { maxBytes: 1 << 24, maxDepth: 64, maxKeys: 10_000, batch: false };
const SLICE_MS = 1;

type Work = (frame: Buffer) => unknown;

const candidates = new Map<string, Work>([['JSON.parse', (frame) => JSON.parse(frame.toString())]]);
if (values.against !== undefined) candidates.set('against', await scannerOf(`${values.against}/dist/`));
candidates.set('scan', await scannerOf('../dist/'));

console.log(`| message | bytes | ${[...candidates.keys()].join(' | ')} |`);
console.log(`| --- | ---: | ${[...candidates].map(() => '---:').join(' | ')} |`);
for (const { content, frame } of SAMPLES) {
  const works = [...candidates.values()];
  const slices = Array.from({ length: Number(values.slices) }, () => works.map((work) => nanoseconds(work, frame)));
  const cells = works.map((_, at) => Math.round(lowerQuartile(slices.map((slice) => slice[at] ?? Number.NaN))));
  console.log(`| ${content} | ${frame.length} | ${cells.join(' | ')} |`);
}

async function scannerOf(directory: string): Promise<Work> {
  const base = new URL(directory, import.meta.url);
  const { scan } = (await import(new URL('protocol/index.js', base).href)) as { scan: typeof Scan };
  return (frame) => scan(frame, LIMITS);
}

/** Of one call, in the mean of as many as fit into a slice. */
function nanoseconds(work: Work, frame: Buffer): number {
  const many = Math.max(1, Math.floor(50_000 / frame.length));
  const start = performance.now();
  let calls = 0;
  let elapsed = 0;
  for (; elapsed < SLICE_MS; calls += many) {
    for (let n = 0; n < many; n++) work(frame);
    elapsed = performance.now() - start;
  }
  return (elapsed * 1e6) / calls;
}

function lowerQuartile(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 4)] ?? Number.NaN;
}
