import { HomeBook } from './home-book.js';
import { Hub } from '../bus/hub.js';
import { newSecret } from '../bus/local-bus.js';

const worker = (id: string, slot: number) => ({ id, slot });
const silent = { send: () => undefined };

describe('the book of sessions that were taken over', () => {
  it('gives a session to whoever asks first, and says so to all others', () => {
    const book = new HomeBook();
    expect(book.homeOf('s', 'a')).toBe('a');
    expect(book.homeOf('s', 'b')).toBe('a');
    expect(book.homeOf('t', 'b')).toBe('b');
  });

  it('gives it to somebody else when that one has gone', () => {
    const hub = new Hub({ size: 2, secret: newSecret() });
    const book = new HomeBook();
    book.serve(hub.bus);
    hub.join(worker('a', 1), silent);
    hub.join(worker('b', 2), silent);
    book.homeOf('s', 'a');
    book.homeOf('t', 'b');
    hub.leave('a');
    expect(book.homeOf('s', 'b')).toBe('b');
    expect(book.homeOf('t', 'a')).toBe('b');
  });

  it('forgets the oldest where there are too many', () => {
    const book = new HomeBook(2);
    for (const sid of ['1', '2', '3']) book.homeOf(sid, 'a');
    expect(['1', '3'].map((sid) => book.homeOf(sid, 'b'))).toEqual(['b', 'a']);
  });
});
