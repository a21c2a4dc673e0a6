import { parentPort } from 'node:worker_threads';

import { compareSync } from 'bcryptjs';

/** What the thread is asked. */
interface Question {
  readonly id: number;
  readonly password: string;
  readonly hash: string;
}

// bcrypt is plain JavaScript here and would hold up everybody else on the main thread.
parentPort?.on('message', ({ id, password, hash }: Question) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage({ id, matches: compareSync(password, hash) });
});
