import { request } from '../../../test/support/routing.js';
import { success } from '../../../test/support/fake-group.js';
import type { McpResult } from '../../core/message.js';
import { freshRead } from './fresh-reply.js';

const BYTES = '{"resultType":"complete","contents":[{"uri":"db://a","text":"1"}],"ttlMs":500,"cacheScope":"public"}';
const READ: McpResult = { ...(success(BYTES) as McpResult), type: 'complete' };
const ASKED = request('resources/read', { uri: 'db://a' });

describe('what a modern client has read', () => {
  it('lasts as long as the server said, and is public only where that is allowed', () => {
    expect(freshRead(ASKED, READ, true)).toEqual({ ...READ, freshness: { ttlMs: 500, scope: 'public' } });
    expect(freshRead(ASKED, READ, false)).toEqual({ ...READ, freshness: { ttlMs: 500, scope: 'private' } });
  });

  it('lasts no time where the client had to answer something first', () => {
    for (const brought of [{ inputResponses: {} }, { requestState: 's' }]) {
      const retried = request('resources/read', { uri: 'db://a', ...brought });
      expect(freshRead(retried, READ, true)).toMatchObject({ freshness: { ttlMs: 0, scope: 'private' } });
    }
  });

  it('is the very same where it is of a legacy server, a question, an error or nothing that was read', () => {
    const question: McpResult = { ...READ, type: 'input_required' };
    expect(freshRead(ASKED, question, true)).toBe(question);
    expect(freshRead(request('tools/call', { name: 'a' }), READ, true)).toBe(READ);
    for (const other of [success(BYTES), { ...READ, kind: 'error' as const }]) {
      expect(freshRead(ASKED, other, true)).toBe(other);
    }
  });
});
