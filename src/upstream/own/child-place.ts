import { UnsentError } from '../../core/errors.js';
import type { Children } from './children.js';

/** The place of one own session among the child processes, where it takes one. */
export class ChildPlace {
  private taken = false;
  private left = false;

  /** @param children undefined where the session is no child process */
  constructor(
    private readonly children: Children | undefined,
    private readonly maxChildren: number,
  ) {}

  /** Waits until one more child may be started. @throws `UnsentError` when none may, or it was left meanwhile */
  async take(): Promise<void> {
    if (!this.children) return;
    await this.children.start(this.maxChildren);
    this.taken = true;
    if (!this.left) return;
    this.children.ended(Promise.resolve());
    throw new UnsentError('upstream_unavailable', 'the upstream session was closed');
  }

  /** @param gone settles when the child is gone */
  leave(gone: Promise<void>): void {
    this.left = true;
    if (this.taken) this.children?.ended(gone);
  }
}
