import type { Json } from '../../support/raw-clients.ts';
import { type Deed, fine, type Hit, type Kind } from './hostile-upstream.ts';

/** The longest message that is taken, in bytes. */
export const MEBI = 1_048_576;
export const SEPARATORS =
  'a\u2028b\u2029c\r\n\n\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\nid: 7\n\u001b[31m\ud83d\ude00';

/** `ok`: the reply comes all the same. Otherwise the reason of the failure that the client hears of. */
export type Outcome = 'ok' | 'upstream_protocol_error' | 'upstream_unavailable' | 'upstream_timeout';
export type Outcomes = Outcome | Readonly<Record<Kind, Outcome>>;

function except(most: Outcome, others: Partial<Record<Kind, Outcome>>): Outcomes {
  return { stdio: most, unix: most, ws: most, sse: most, http: most, ...others };
}

/** Over HTTP the reply can only come on its own response, so what comes instead is known to be wrong at once. */
const LOST = except('upstream_timeout', { http: 'upstream_unavailable' });
const BROKEN = 'upstream_protocol_error';

const end = ({ response }: Hit): unknown => response?.end();
const progress = (id: unknown, value: unknown): Json => ({
  jsonrpc: '2.0',
  method: 'notifications/progress',
  params: { progressToken: id, progress: value },
});

/** Ways to reply to a call, over any transport. */
export const REPLIES: Record<string, { deed: Deed; outcome: Outcomes }> = {
  fine: { deed: (hit) => hit.fine(), outcome: 'ok' },
  'wrong id': { deed: (hit) => (hit.say(fine(hit.id + 100_000)), end(hit)), outcome: LOST },
  'id of another type': { deed: ({ id, say }) => say(fine(String(id))), outcome: 'ok' },
  'id of all objects': { deed: (hit) => (hit.say(fine('__proto__')), end(hit)), outcome: LOST },
  'no id': { deed: (hit) => (hit.say('{"jsonrpc":"2.0","result":{}}'), end(hit)), outcome: LOST },
  twice: { deed: (hit) => (hit.fine(), hit.say(fine(hit.id, 'again'))), outcome: 'ok' },
  'late and twice': {
    deed: (hit) => (hit.fine(), setTimeout(() => hit.say(fine(hit.id, 'late')), 20)),
    outcome: 'ok',
  },
  'answers to everybody': {
    deed: ({ id, kind, say, fine: reply }) => {
      // On one wire a server can pass its own replies off as each other; over HTTP it cannot.
      const near = kind === 'http' ? 0 : 20;
      for (let far = near + 1; far < near + 25; far++)
        for (const other of [id - far, id + far]) say(fine(other, 'stolen'));
      reply();
    },
    outcome: 'ok',
  },
  both: {
    deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id},"result":{},"error":{"code":1,"message":"x"}}`),
    outcome: BROKEN,
  },
  neither: { deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id}}`), outcome: BROKEN },
  'a null result': { deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id},"result":null}`), outcome: BROKEN },
  'an error without code': {
    deed: ({ id, say }) => say(`{"jsonrpc":"2.0","id":${id},"error":{"message":"canary-error"}}`),
    outcome: BROKEN,
  },
  'too deep': {
    deed: (hit) => (
      hit.say(`{"jsonrpc":"2.0","id":${hit.id},"result":{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}}`),
      end(hit)
    ),
    outcome: LOST,
  },
  'half a message': { deed: (hit) => (hit.say(`{"jsonrpc":"2.0","id":${hit.id},"resu`), end(hit)), outcome: LOST },
  'noise before it': {
    deed: ({ id, say }) => (say('Listening on canary-port'), say('{}'), say('[]'), say(fine(id))),
    outcome: 'ok',
  },
  'members of all objects': {
    deed: ({ id, say }) =>
      say(
        `{"jsonrpc":"2.0","id":${id},"result":{"__proto__":{"content":[]},"constructor":{"prototype":{"x":1}},"content":[{"type":"text","text":"fine"}]}}`,
      ),
    outcome: 'ok',
  },
  'text that breaks out': { deed: ({ id, say }) => say(fine(id, SEPARATORS)), outcome: 'ok' },
  'progress that runs backwards': {
    deed: ({ id, say }) => {
      for (const value of [1, 5, 5, 3, 'x', null, -1, 6]) say(progress(id, value));
      say(progress(id + 1, 99));
      say(progress(String(id), 98));
      say(progress('__proto__', 97));
      say(fine(id));
      setTimeout(() => say(progress(id, 100)), 5);
    },
    outcome: 'ok',
  },
  '500 notifications': {
    deed: ({ id, say }) => {
      for (let value = 1; value <= 500; value++) say(progress(id, value));
      say(fine(id));
    },
    outcome: 'ok',
  },
  'more than is allowed': {
    deed: ({ id, say }) => say(fine(id, 'x'.repeat(MEBI))),
    outcome: except('upstream_unavailable', { http: BROKEN }),
  },
  'no end': {
    deed: ({ bytes, kind }) => {
      if (kind === 'ws') bytes(Buffer.from([0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]));
      bytes(kind === 'http' || kind === 'sse' ? 'data: ' : '{"x":"');
      for (let n = 0; n < 20; n++) bytes('x'.repeat(65_536));
    },
    outcome: except('upstream_unavailable', { http: BROKEN }),
  },
  'bytes that are not UTF-8': {
    deed: (hit) => {
      const text = Buffer.from(`{"jsonrpc":"2.0","id":${hit.id},"result":{"\xff":1}}`, 'latin1');
      if (hit.kind === 'ws') hit.bytes(Buffer.concat([Buffer.from([0x81, text.length]), text]));
      else
        hit.bytes(
          Buffer.concat([
            Buffer.from(hit.kind === 'http' || hit.kind === 'sse' ? 'data: ' : ''),
            text,
            Buffer.from('\n\n'),
          ]),
        );
      end(hit);
    },
    outcome: except('upstream_timeout', { ws: 'upstream_unavailable', http: 'upstream_unavailable' }),
  },
};
