import 'reflect-metadata';

import './heap.js';

import { actAsPrimary, joinPrimary } from './workers/index.js';

if (!actAsPrimary()) {
  await joinPrimary();
  // Not before the heap is told: what is loaded here is most of what a start makes. A primary has no use for it.
  const { main } = await import('./cli.js');
  await main(process.argv.slice(2));
}
