import type { JsonObject } from '../core/json.js';
import type { Peer } from '../core/peer.js';
import { honoured, profileOf } from './capabilities.js';

const EVERYTHING: JsonObject = {
  roots: { listChanged: true, more: 1 },
  sampling: { tools: {}, context: {}, more: {} },
  elicitation: { form: { applyDefaults: true }, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} } } },
  experimental: { x: {} },
  extensions: { 'com.example/y': {} },
};

function client(capabilities: JsonObject, revision = '2025-11-25'): Peer {
  return { era: 'legacy', revision, capabilities, info: { name: 'c', version: '1' } };
}

describe('what servers are told of a client', () => {
  it.each([
    ['2024-11-05', { roots: { listChanged: true }, sampling: {} }],
    ['2024-10-07', { roots: { listChanged: true }, sampling: {} }],
    ['2025-03-26', { roots: { listChanged: true }, sampling: {} }],
    ['2025-06-18', { roots: { listChanged: true }, sampling: {}, elicitation: {} }],
    [
      '2025-11-25',
      { roots: { listChanged: true }, sampling: { context: {}, tools: {} }, elicitation: { form: {}, url: {} } },
    ],
  ])('is what %s knows of what it declared', (revision, told) => {
    expect(honoured(client(EVERYTHING, revision))).toEqual(told);
  });

  it.each([
    ['a form by another word', { elicitation: { form: {} } }, { elicitation: {} }],
    ['a form without a word', { elicitation: {} }, { elicitation: {} }],
    ['pages alone', { elicitation: { url: {} } }, { elicitation: { url: {} } }],
    ['no announcement of roots', { roots: { listChanged: false } }, { roots: {} }],
    ['sampling without tools', { sampling: { tools: false } }, { sampling: {} }],
  ])('says %s', (_what, declared, told) => {
    expect(honoured(client(declared))).toEqual(told);
  });

  it.each([{}, { tasks: {} }, { experimental: { sampling: {} } }, { roots: true, sampling: 'yes', elicitation: [] }])(
    'is nothing for %j',
    (declared) => {
      expect(honoured(client(declared as JsonObject))).toEqual({});
    },
  );

  it('is of a modern client what it can be asked, and the extensions that are relayed', () => {
    const modern = (capabilities: JsonObject) => honoured({ ...client(capabilities, '2026-07-28'), era: 'modern' });
    const relayed = { 'io.modelcontextprotocol/tasks': {}, 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } };

    expect(modern({ ...EVERYTHING, extensions: { ...relayed, 'com.example/y': {} } })).toEqual({
      roots: {},
      sampling: { context: {}, tools: {} },
      elicitation: { form: {}, url: {} },
      extensions: relayed,
    });
    expect(modern({ extensions: relayed })).toEqual({ extensions: relayed });
    expect(modern({ extensions: { 'com.example/y': {} }, tasks: {}, experimental: {} })).toEqual({});
    expect(modern({ extensions: { 'io.modelcontextprotocol/tasks': true } })).toEqual({});
    expect(modern({ elicitation: { form: {} } })).toEqual({ elicitation: {} });
    expect(modern({})).toBe(honoured(client({})));
  });

  it('is nothing for a revision that nobody speaks', () => {
    expect(honoured(client(EVERYTHING, '1999-01-01'))).toEqual({});
  });

  it('is the same object for the same client', () => {
    const peer = client(EVERYTHING);
    expect(honoured(peer)).toBe(honoured(peer));
  });
});

describe('a profile', () => {
  it('is the same for the same capabilities in another order', () => {
    const one = { sampling: { tools: {}, context: {} }, roots: { listChanged: true } };
    const other = { roots: { listChanged: true }, sampling: { context: {}, tools: {} } };
    expect(profileOf(one)).toBe(profileOf(other));
  });

  it('differs wherever capabilities do', () => {
    const profiles = [
      {},
      { roots: {} },
      { roots: { listChanged: true } },
      { sampling: {} },
      { sampling: { tools: {} } },
    ];
    expect(new Set(profiles.map(profileOf)).size).toBe(profiles.length);
  });

  it('is the same for every client that servers are told the same of', () => {
    const named = honoured(client({ elicitation: { form: {} } }));
    expect(profileOf(named)).toBe(profileOf(honoured(client({ elicitation: {} }, '2025-06-18'))));
  });
});
