import { Cancellation, type CancelSignal } from './cancellation.js';

const REASON = new Error('gone');

describe('Cancellation', () => {
  it('tells whoever still listens, once and in order', () => {
    const cancellation = new Cancellation();
    const heard: string[] = [];
    const listener = (name: string) => ({ handleEvent: () => void heard.push(name) });
    const [first, left, last] = [listener('first'), listener('left'), listener('last')];
    for (const each of [first, left, last]) cancellation.addEventListener('abort', each);
    cancellation.removeEventListener('abort', left);

    cancellation.abort(REASON);
    cancellation.abort(new Error('again'));

    expect(heard).toEqual(['first', 'last']);
    expect(cancellation.reason).toBe(REASON);
  });

  it('says that it has happened before anybody hears of it', () => {
    const cancellation = new Cancellation();
    let seen: unknown;
    cancellation.addEventListener('abort', { handleEvent: () => (seen = cancellation.aborted && cancellation.reason) });
    expect(cancellation.aborted).toBe(false);

    cancellation.abort(REASON);
    expect(seen).toBe(REASON);
  });

  it('lets its only listener go', () => {
    const cancellation = new Cancellation();
    const listener = { handleEvent: vi.fn<() => void>() };
    cancellation.addEventListener('abort', listener);
    cancellation.removeEventListener('abort', listener);

    cancellation.abort(REASON);
    expect(listener.handleEvent).not.toHaveBeenCalled();
  });

  it('has real abort signals beside it', () => {
    const controller = new AbortController();
    const signal: CancelSignal = controller.signal;
    const listener = { handleEvent: vi.fn<() => void>() };
    signal.addEventListener('abort', listener);

    controller.abort(REASON);
    expect(listener.handleEvent).toHaveBeenCalledOnce();
    expect(signal.reason).toBe(REASON);
  });
});
