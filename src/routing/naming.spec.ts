import * as fc from 'fast-check';

import { exposeName, exposeUri, LONGEST_NAME, markName, restoreUri } from './naming.js';

const prefix = fc.stringMatching(/^[a-z][a-z0-9-]{0,15}$/);

describe('names of tools and prompts', () => {
  it('puts the prefix before the name', () => {
    expect(exposeName('crm', 'search')).toBe('crm__search');
  });

  it('leaves every name alone where there is no prefix', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => exposeName('', name) === name));
  });

  it('replaces what hosts refuse', () => {
    expect(exposeName('crm', 'a.b/c d:😀')).toBe('crm__a_b_c_d__');
  });

  it('cuts and marks what is too long, differently for each name', () => {
    const long = 'x'.repeat(80);
    expect(exposeName('crm', `${long}1`)).toMatch(/^crm__x{50}_[0-9a-f]{8}$/);
    expect(exposeName('crm', `${long}1`)).not.toBe(exposeName('crm', `${long}2`));
    expect(exposeName('crm', `${long}1`)).not.toBe(exposeName('erp', `${long}1`));
  });

  it('makes nothing that a host would refuse', () => {
    fc.assert(
      fc.property(prefix, fc.string({ unit: 'binary' }), (prefix, name) => {
        for (const exposed of [exposeName(prefix, name), markName(prefix, name)]) {
          expect(exposed).toMatch(/^[a-zA-Z0-9_-]+$/);
          expect(exposed.length).toBeLessThanOrEqual(LONGEST_NAME);
        }
      }),
    );
  });
});

describe('URIs', () => {
  it('prefixes the scheme', () => {
    expect(exposeUri('crm', 'db://row/1')).toBe('crm+db://row/1');
  });

  it('keeps MCP Apps in the ui scheme', () => {
    expect(exposeUri('crm', 'ui://chart')).toBe('ui://crm/chart');
    expect(restoreUri('crm', 'ui://crm/chart')).toBe('ui://chart');
  });

  it('leaves web addresses alone', () => {
    expect(exposeUri('crm', 'https://example.org/a')).toBe('https://example.org/a');
    expect(restoreUri('crm', 'https://example.org/a')).toBeUndefined();
  });

  it('prefixes the literal head of a template and nothing inside its braces', () => {
    expect(exposeUri('crm', 'db://{table}/{+path}')).toBe('crm+db://{table}/{+path}');
    expect(exposeUri('crm', '{scheme}://x')).toBe('crm+{scheme}://x');
    expect(exposeUri('crm', 'https://example.org/{id}')).toBe('https://example.org/{id}');
  });

  it('knows a prefix whose case a client has changed', () => {
    expect(restoreUri('crm', 'CRM+db://row/1')).toBe('db://row/1');
    expect(restoreUri('crm', 'UI://Crm/Chart')).toBe('ui://Chart');
  });

  it('does not take another prefix for this one', () => {
    expect(restoreUri('crm', 'crm2+db://a')).toBeUndefined();
    expect(restoreUri('crm', 'db://a')).toBeUndefined();
    expect(restoreUri('crm', 'ui://crm2/a')).toBeUndefined();
  });

  it('keeps each MCP App in its scheme, under the prefix of its group and of no other', () => {
    fc.assert(
      fc.property(prefix, prefix, fc.string({ unit: 'binary' }), (one, other, path) => {
        const exposed = exposeUri(one, `ui://${path}`);
        expect(exposed).toBe(`ui://${one}/${path}`);
        expect(restoreUri(one, exposed)).toBe(`ui://${path}`);
        expect(restoreUri(other, exposed) === undefined).toBe(one !== other);
      }),
    );
  });

  it('gives back exactly what it was given', () => {
    const uri = fc
      .oneof(
        fc.string({ unit: 'binary' }),
        fc.webUrl().map((url) => url.replace('http', 'ht')),
        fc.string().map((rest) => `ui://${rest}`),
      )
      .filter((uri) => !/^https?:/i.test(uri));
    fc.assert(
      fc.property(prefix, uri, (prefix, uri) => {
        expect(restoreUri(prefix, exposeUri(prefix, uri))).toBe(uri);
        expect(restoreUri('', exposeUri('', uri))).toBe(uri);
      }),
    );
  });
});
