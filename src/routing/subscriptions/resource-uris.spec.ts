import { readParams } from '../../protocol/index.js';
import { LONGEST_URI, renamedUpdate, wholesOf } from './resource-uris.js';

describe('what a resource may be a part of', () => {
  it.each([
    ['db://row/1', ['db://row/1', 'db://row/', 'db://row', 'db://', 'db:/', 'db:/', 'db:']],
    ['file:///a/', ['file:///a/', 'file:///a', 'file:///', 'file://', 'file://', 'file:/', 'file:/', 'file:']],
    ['note:a?b#c', ['note:a?b#c', 'note:a?b#', 'note:a?b', 'note:a?', 'note:a']],
    ['plain', ['plain']],
  ])('of %s: itself first, then the longest', (uri, wholes) => {
    expect([...wholesOf(uri)]).toEqual(wholes);
  });

  it('takes a bounded number of steps, however deep the path is', () => {
    expect([...wholesOf('/'.repeat(1_000_000))].length).toBeLessThan(600);
    expect([...wholesOf(`a/${'x'.repeat(LONGEST_URI)}`)]).toEqual(['a/', 'a']);
  });
});

describe('an update under another URI', () => {
  it('keeps everything else as it was said', () => {
    const params = readParams(Buffer.from('{ "uri": "db://a", "_meta": {"n": 12345678901234567890} }'));

    expect(renamedUpdate(params, 'crm+db://a').bytes.toString()).toBe(
      '{ "uri": "crm+db://a", "_meta": {"n": 12345678901234567890} }',
    );
  });
});
