import type { JsonObject } from '../core/json.js';
import type { ServerPeer } from '../core/peer.js';
import { codecFor } from '../protocol/index.js';
import {
  introduceAll,
  introduceOne,
  MAX_INSTRUCTIONS_BYTES,
  MAX_SECTION_BYTES,
  offers,
  type IntroducedGroup,
} from './introduction.js';

function peer(capabilities: JsonObject, instructions?: string, revision = '2025-11-25'): ServerPeer {
  const era = revision < '2026' ? 'legacy' : 'modern';
  return { era, revision, capabilities, instructions, info: { name: 'server', version: '1' } };
}

function modern(capabilities: JsonObject): ServerPeer {
  return peer(capabilities, undefined, '2026-07-28');
}

/** One group for each server, under numbers. */
function groups(...peers: (ServerPeer | undefined)[]): IntroducedGroup[] {
  return peers.map((peer, index) => ({ name: `${index}`, prefix: `${index}`, peer }));
}

const capabilities = (...peers: (ServerPeer | undefined)[]) => introduceAll(groups(...peers), undefined).capabilities;
const TASKS = 'io.modelcontextprotocol/tasks';
const UI = 'io.modelcontextprotocol/ui';

const LISTED = { listChanged: true };
const EVERYTHING = {
  logging: {},
  completions: {},
  prompts: LISTED,
  resources: { subscribe: true, listChanged: true },
  tools: LISTED,
  tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } },
};

describe('the introduction of several groups', () => {
  it('offers what any of them has, and promises nothing that is not relayed', () => {
    const { capabilities } = introduceAll(
      [
        { name: 'crm', prefix: 'crm', peer: peer({ tools: { listChanged: true }, experimental: { x: {} } }) },
        { name: 'wiki', prefix: 'wiki', peer: peer({ resources: { subscribe: true }, extensions: {} }) },
      ],
      undefined,
    );
    expect(capabilities).toEqual({ tools: LISTED, resources: { subscribe: true, listChanged: true } });
  });

  it('offers of tasks what any of them has, but no tasks of a server that cannot know of them', () => {
    const groups = [
      { name: 'crm', prefix: 'crm', peer: peer({ tasks: { list: {}, cancel: true, requests: { tools: {} } } }) },
      { name: 'wiki', prefix: 'wiki', peer: peer({ tasks: { requests: { tools: { call: {} } } } }) },
      { name: 'old', prefix: 'old', peer: peer({ tasks: { cancel: {} } }, undefined, '2025-06-18') },
    ];
    expect(introduceAll(groups, undefined).capabilities).toEqual({
      tasks: { list: {}, requests: { tools: { call: {} } } },
    });
    expect(introduceAll(groups.slice(2), undefined).capabilities).toEqual({});
  });

  it('says that lists change whether or not a server does, because the gateway notices', () => {
    const groups = [{ name: 'crm', prefix: 'crm', peer: peer({ tools: {}, prompts: {}, resources: {} }) }];
    const { capabilities } = introduceAll(groups, undefined);
    expect(capabilities).toEqual({ tools: LISTED, prompts: LISTED, resources: LISTED });
  });

  it('counts a group that was never reached as having everything', () => {
    const groups = [{ name: 'crm', prefix: 'crm', peer: undefined }];
    expect(introduceAll(groups, undefined)).toEqual({
      capabilities: EVERYTHING,
      instructions: undefined,
      ttlMs: 0,
    });
  });

  it('says what each has to say under its prefix, after the preamble', () => {
    const { instructions } = introduceAll(
      [
        { name: 'default', prefix: '', peer: peer({}, 'Be kind.') },
        { name: 'crm', prefix: 'sales', peer: peer({}, 'Ask first.\n') },
        { name: 'wiki', prefix: 'wiki', peer: peer({}) },
      ],
      'Welcome.',
    );
    expect(instructions).toBe('Welcome.\n\n## default\n\nBe kind.\n\n## sales\n\nAsk first.');
  });

  it('needs no heading for a group that stands alone under its own names', () => {
    const { instructions } = introduceAll([{ name: 'default', prefix: '', peer: peer({}, 'Be kind.') }], undefined);
    expect(instructions).toBe('Be kind.');
  });

  it('shortens what is too long, each and in all, and never within a character', () => {
    const wordy = (length: number) => peer({}, '€'.repeat(length));
    const one = introduceAll([{ name: 'default', prefix: '', peer: wordy(5_000) }], undefined).instructions!;
    expect(Buffer.byteLength(one)).toBeLessThanOrEqual(MAX_SECTION_BYTES);
    expect(one).toMatch(/^€+…$/);

    const many = Array.from({ length: 9 }, (_, n) => ({ name: `g${n}`, prefix: `g${n}`, peer: wordy(5_000) }));
    const all = introduceAll(many, 'Welcome.').instructions!;
    expect(Buffer.byteLength(all)).toBeLessThanOrEqual(MAX_INSTRUCTIONS_BYTES);
    expect(all).toMatch(/^Welcome\..*€…$/s);
  });
});

describe('the introduction of groups of both eras', () => {
  it('offers what any of them has, of whichever era', () => {
    expect(
      capabilities(modern({ tools: {}, resources: { subscribe: true } }), peer({ prompts: {}, completions: {} })),
    ).toEqual({
      tools: LISTED,
      prompts: LISTED,
      completions: {},
      resources: { subscribe: true, listChanged: true },
    });
  });

  it('offers tasks of either era in its own words, and in no other', () => {
    const old = peer({ tasks: { list: {}, requests: { tools: { call: {} } } } });
    const young = modern({ tasks: { list: {}, cancel: {} }, extensions: { [TASKS]: {} } });
    const legacy = { list: {}, requests: { tools: { call: {} } } };
    expect(capabilities(old)).toEqual({ tasks: legacy });
    expect(capabilities(young)).toEqual({ extensions: { [TASKS]: {} } });
    expect(capabilities(old, young)).toEqual({ tasks: legacy, extensions: { [TASKS]: {} } });
    expect(capabilities(peer({ extensions: { [TASKS]: {} } }))).toEqual({});
  });

  it('says each to clients of one era alone', () => {
    const all = capabilities(
      peer({ tools: {}, tasks: { list: {} } }),
      modern({ extensions: { [TASKS]: {}, [UI]: {} } }),
    );
    const self = { info: { name: 'gateway', version: '1' }, capabilities: all, instructions: undefined };
    const client = { era: 'legacy', revision: '2025-11-25', capabilities: {}, info: self.info } as const;
    const legacyTold = codecFor('legacy').initializeResult(client, self).json.object();
    const modernTold = codecFor('modern').discoverResult('2026-07-28', self).json.object();
    expect(legacyTold['capabilities']).toEqual({ tools: LISTED, tasks: { list: {} } });
    expect(modernTold['capabilities']).toEqual({ tools: LISTED, extensions: { [TASKS]: {}, [UI]: {} } });
  });

  it('offers apps wherever a server of either era has declared them', () => {
    const settings = { mimeTypes: ['text/html;profile=mcp-app'] };
    for (const one of [
      modern({ extensions: { [UI]: settings } }),
      peer({ extensions: { [UI]: settings } }),
      peer({ experimental: { [UI]: settings } }),
    ]) {
      expect(capabilities(one, peer({}))).toEqual({ extensions: { [UI]: settings } });
    }
    expect(capabilities(modern({ experimental: { [UI]: settings } }))).toEqual({});
    expect(capabilities(modern({ extensions: { [UI]: true, 'com.example/x': {} } }))).toEqual({});
  });

  it('says of an extension what all who have it agree on', () => {
    const one = { mimeTypes: ['a', 'b'], depth: 1, deep: { x: 1, y: 2 }, only: true };
    const other = { mimeTypes: ['b', 'c'], depth: 2, deep: { x: 1, y: 3 } };
    expect(capabilities(modern({ extensions: { [UI]: one } }), peer({ extensions: { [UI]: other } }))).toEqual({
      extensions: { [UI]: { mimeTypes: ['b'], deep: { x: 1 } } },
    });
  });

  it('promises no extension of a server that was never reached, and lasts no time until it is', () => {
    const known = modern({ extensions: { [UI]: {} } });
    expect(introduceAll(groups(known, undefined), undefined)).toMatchObject({
      capabilities: { extensions: { [UI]: {} } },
      ttlMs: 0,
    });
    expect(introduceAll(groups(known, peer({})), undefined).ttlMs).toBe(60_000);
    expect(introduceAll([], undefined).ttlMs).toBe(60_000);
  });
});

describe('the introduction of one group', () => {
  it('repeats the instructions of its server exactly', () => {
    const long = `  ${'x'.repeat(10_000)}\n`;
    expect(introduceOne({ name: 'crm', prefix: 'crm', peer: peer({ prompts: {} }, long) })).toEqual({
      capabilities: { prompts: LISTED },
      instructions: long,
      ttlMs: 60_000,
    });
  });
});

describe('what a server offers', () => {
  it('is what it declared', () => {
    expect(offers(peer({ tools: {} }), 'tools')).toBe(true);
    expect(offers(peer({ tools: {} }), 'prompts')).toBe(false);
    expect(offers(peer({ prompts: {} }), 'completions')).toBe(false);
  });

  it('is subscription only where that was declared', () => {
    expect(offers(peer({ resources: { subscribe: true } }), 'resources.subscribe')).toBe(true);
    expect(offers(peer({ resources: {} }), 'resources.subscribe')).toBe(false);
    expect(offers(peer({ tools: { subscribe: true } }), 'resources.subscribe')).toBe(false);
  });

  it('is tasks without a list of them where they are an extension', () => {
    const server = modern({ extensions: { [TASKS]: {} } });
    expect([offers(server, 'tasks'), offers(server, 'tasks.cancel'), offers(server, 'tasks.list')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(offers(modern({ tasks: { cancel: {} } }), 'tasks')).toBe(false);
    expect(offers(peer({ extensions: { [TASKS]: {} } }), 'tasks')).toBe(false);
  });

  it('is the same of what both eras have in the same words', () => {
    const server = modern({ resources: { subscribe: true }, logging: {}, completions: {} });
    const all = ['resources', 'resources.subscribe', 'logging', 'completions'] as const;
    for (const each of all) expect(offers(server, each)).toBe(true);
    expect(offers(modern({ prompts: {} }), 'completions')).toBe(false);
  });

  it('may be completion without a word in the oldest revision', () => {
    expect(offers(peer({ prompts: {} }, undefined, '2024-11-05'), 'completions')).toBe(true);
    expect(offers(peer({ tools: {} }, undefined, '2024-11-05'), 'completions')).toBe(false);
  });
});
