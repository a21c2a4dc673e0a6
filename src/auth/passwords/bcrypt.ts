import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** More bytes than these bcrypt does not look at. */
const MAX_BYTES = 72;

interface Answer {
  readonly id: number;
  readonly matches: boolean;
}

/** Compares passwords with bcrypt hashes, one after the other, on a thread of its own that starts when it is needed. */
export class Bcrypt {
  private readonly waiting = new Map<number, PromiseWithResolvers<boolean>>();
  private worker: Worker | undefined;
  private count = 0;

  /** False for a password of which bcrypt would read the beginning only. */
  async matches(password: string, hash: string): Promise<boolean> {
    const fits = Buffer.byteLength(password) <= MAX_BYTES;
    const id = ++this.count;
    const answer = Promise.withResolvers<boolean>();
    this.waiting.set(id, answer);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    this.running().postMessage({ id, password: fits ? password : '', hash });
    return (await answer.promise) && fits;
  }

  async stop(): Promise<void> {
    const { worker } = this;
    this.fail(new Error('stopped'));
    await worker?.terminate();
  }

  private running(): Worker {
    this.worker ??= this.start();
    return this.worker;
  }

  private start(): Worker {
    const worker = new Worker(new URL(`./bcrypt.worker${extname(import.meta.filename)}`, import.meta.url));
    worker.unref();
    worker.on('message', ({ id, matches }: Answer) => {
      this.waiting.get(id)?.resolve(matches);
      this.waiting.delete(id);
    });
    worker.on('error', (error) => this.fail(error));
    return worker;
  }

  private fail(error: unknown): void {
    this.worker = undefined;
    for (const answer of this.waiting.values()) answer.reject(error);
    this.waiting.clear();
  }
}
