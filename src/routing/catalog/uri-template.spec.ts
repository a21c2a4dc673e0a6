import * as fc from 'fast-check';

import { UriTemplate } from './uri-template.js';
import { brisk } from '../../../test/support/brisk.ts';

const matches = (template: string, uri: string) => new UriTemplate(template).matches(uri);

describe('a URI template', () => {
  it('matches what it expands to', () => {
    expect(matches('db://{table}/{id}', 'db://users/7')).toBe(true);
    expect(matches('db://{table}/{id}/raw', 'db://users/7/raw')).toBe(true);
    expect(matches('notes:///{+path}.md', 'notes:///a/b/c.md')).toBe(true);
    expect(matches('repo://{owner}{/path*}{?page,size}', 'repo://me/src/a.ts?page=2')).toBe(true);
    expect(matches('{+a}/x/{b}', 'p/x/q/x/r')).toBe(true);
    expect(matches('db://all', 'db://all')).toBe(true);
  });

  it('does not match anything else', () => {
    expect(matches('db://{table}', 'db://users/7')).toBe(false);
    expect(matches('db://{table}', 'file://users')).toBe(false);
    expect(matches('db://{table}/x', 'db://users/')).toBe(false);
    expect(matches('db://all', 'db://all2')).toBe(false);
    expect(matches('', '')).toBe(false);
  });

  it('matches any values put in its place', () => {
    const value = fc.string().map(encodeURIComponent);
    fc.assert(fc.property(value, value, (a, b) => matches('x://{a}/lit/{b}', `x://${a}/lit/${b}`)));
  });

  it('costs its length at most, whatever is put against it', () => {
    const template = new UriTemplate(`x:${'{+a}a'.repeat(400)}b`);
    const start = performance.now();
    expect(template.matches(`x:${'a'.repeat(2_000)}`)).toBe(false);
    expect(performance.now() - start).toBeLessThan(brisk(2_000));
  });

  it('refuses to be endless', () => {
    expect(matches(`x:{a}${'y'.repeat(3_000)}`, `x:${'y'.repeat(3_000)}`)).toBe(false);
    expect(matches('x:{a}', `x:${'y'.repeat(3_000)}`)).toBe(false);
  });
});
