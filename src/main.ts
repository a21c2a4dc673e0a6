import 'reflect-metadata';

import './heap.js';

import { actAsPrimary, joinPrimary } from './workers/index.js';

// Not before the heap is told: what is loaded here is most of what a start makes. A primary has no use for it.
if (!actAsPrimary()) {
  void joinPrimary()
    .then(() => import('./cli.js'))
    .then(({ main }) => main(process.argv.slice(2)));
}
