import 'reflect-metadata';

import './heap.js';

// Not before the heap is told: what is loaded here is most of what a start makes.
const { main } = await import('./cli.js');

await main(process.argv.slice(2));
