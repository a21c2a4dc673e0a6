import { Endable } from './endable.js';

class Thing extends Endable {
  readonly said: string[] = [];

  protected override letGo(): void {
    this.said.push(`let go, ended: ${this.ended}`);
  }
}

describe('Endable', () => {
  it('lets go first, then tells everybody who wants to know, and does both once', () => {
    const thing = new Thing();
    thing.onEnd(() => thing.said.push('one'));
    thing.onEnd(() => thing.said.push('two'));
    expect(thing.ended).toBe(false);
    thing.end();
    thing.end();
    expect(thing.said).toEqual(['let go, ended: true', 'one', 'two']);
  });

  it('calls back at once when it has ended', () => {
    const thing = new Thing();
    thing.end();
    thing.onEnd(() => thing.said.push('late'));
    expect(thing.said.at(-1)).toBe('late');
  });

  it('tells nobody who has taken it back, even while it ends', () => {
    const thing = new Thing();
    let stop = (): void => undefined;
    thing.onEnd(() => stop());
    stop = thing.onEnd(() => thing.said.push('taken back'));
    const early = thing.onEnd(() => thing.said.push('taken back'));
    early();
    thing.end();
    expect(thing.said).toEqual(['let go, ended: true']);
  });
});
