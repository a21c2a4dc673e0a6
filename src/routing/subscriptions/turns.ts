/** Lets one thing happen after the other, in the order in which they were asked for. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  /** Whether something happens now or is about to. */
  get busy(): boolean {
    return this.waiting > 0;
  }

  /**
   * @param after what follows each step before the next one, whether or not it failed; never rejects
   * @param settled hears of the end of each step, once the next one may begin
   */
  constructor(
    private readonly after: () => Promise<void>,
    private readonly settled: () => void,
  ) {}

  /** Does it when its turn has come. @throws whatever the step throws */
  async take<T>(step: () => Promise<T>): Promise<T> {
    const before = this.last;
    const turn = Promise.withResolvers<void>();
    this.last = turn.promise;
    this.waiting++;
    await before;
    try {
      return await step();
    } finally {
      await this.after();
      this.waiting--;
      turn.resolve();
      this.settled();
    }
  }
}
