import type { JsonObject } from '../core/json.js';
import type { ServerPeer } from '../core/peer.js';
import { introduceAll, introduceOne, MAX_INSTRUCTIONS_BYTES, MAX_SECTION_BYTES, offers } from './introduction.js';

function peer(capabilities: JsonObject, instructions?: string, revision = '2025-11-25'): ServerPeer {
  return { era: 'legacy', revision, capabilities, instructions, info: { name: 'server', version: '1' } };
}

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
    expect(introduceAll(groups, undefined)).toEqual({ capabilities: EVERYTHING, instructions: undefined });
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

describe('the introduction of one group', () => {
  it('repeats the instructions of its server exactly', () => {
    const long = `  ${'x'.repeat(10_000)}\n`;
    expect(introduceOne({ name: 'crm', prefix: 'crm', peer: peer({ prompts: {} }, long) })).toEqual({
      capabilities: { prompts: LISTED },
      instructions: long,
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

  it('may be completion without a word in the oldest revision', () => {
    expect(offers(peer({ prompts: {} }, undefined, '2024-11-05'), 'completions')).toBe(true);
    expect(offers(peer({ tools: {} }, undefined, '2024-11-05'), 'completions')).toBe(false);
  });
});
