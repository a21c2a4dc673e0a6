import { KeptSession } from './http-session.js';

describe('KeptSession', () => {
  it('says in every message what the configuration says, and what we accept', () => {
    const { post, get } = new KeptSession({ headers: { Authorization: 'Bearer t', Accept: 'text/html' } });

    expect(post).toEqual({
      authorization: 'Bearer t',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
    });
    expect(get['accept']).toBe('text/event-stream');
  });

  it('says the session and the revision once they are known', () => {
    const session = new KeptSession({ headers: {} });
    session.adopt('abc-123');
    session.negotiated('2025-11-25');

    expect(session.post).toMatchObject({ 'mcp-session-id': 'abc-123', 'mcp-protocol-version': '2025-11-25' });
    expect(session.get).toMatchObject({ 'mcp-session-id': 'abc-123', 'mcp-protocol-version': '2025-11-25' });
  });

  it('does not say a revision that knows no such header', () => {
    const session = new KeptSession({ headers: {} });
    session.negotiated('2025-03-26');

    expect(session.post).not.toHaveProperty('mcp-protocol-version');
  });

  it.each(['', 'with space', 'ümlaut', 'a\u0001', 'x'.repeat(1_025), undefined])(
    'goes on without a session when its id is %o',
    (id) => {
      const session = new KeptSession({ headers: {} });
      session.adopt(id);

      expect(session.exists).toBe(false);
      expect(session.post).not.toHaveProperty('mcp-session-id');
    },
  );
});
