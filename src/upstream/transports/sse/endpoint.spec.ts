import { endpointPath } from './endpoint.js';

const BASE = new URL('https://mcp.test:8443/a/sse?tenant=1');

describe('the endpoint of a server', () => {
  it.each([
    ['/messages?session=1', '/messages?session=1'],
    ['messages', '/a/messages'],
    ['?session=1', '/a/sse?session=1'],
    ['https://mcp.test:8443/post#top', '/post'],
    ['//mcp.test:8443/post', '/post'],
  ])('%s is %s', (said, path) => {
    expect(endpointPath(said, BASE)).toBe(path);
  });

  it.each([
    'https://evil.test/post',
    '//evil.test/post',
    'http://mcp.test:8443/post',
    'https://mcp.test/post',
    'https://mcp.test:8443@evil.test/post',
    'file:///etc/passwd',
    'http://[',
    `/${'x'.repeat(5_000)}`,
  ])('%s is none', (said) => {
    expect(endpointPath(said, BASE)).toBeUndefined();
  });
});
