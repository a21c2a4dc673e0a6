import { headerProblem, isMetadataPath } from './request-headers.js';

const problem = (...names: string[]): string | undefined =>
  headerProblem({ url: '/', rawHeaders: names.flatMap((name) => [name, 'x']) })?.message;

describe('the headers of a request', () => {
  it.each([
    'Host',
    'Origin',
    'Authorization',
    'X-API-Key',
    'Content-Type',
    'Mcp-Session-Id',
    'MCP-Protocol-Version',
    'Mcp-Method',
    'Mcp-Name',
  ])('have %s once', (name) => {
    expect(problem('accept', name)).toBe(undefined);
    expect(problem(name, 'accept', name.toUpperCase())).toBe(`header ${name.toLowerCase()} stands twice`);
  });

  it('have each other header of MCP once, however many there are', () => {
    expect(problem('Mcp-Param-A', 'Mcp-Param-B', 'mcp-param-c')).toBe(undefined);
    expect(problem('Mcp-Param-A', 'Mcp-Param-B', 'mcp-param-a')).toBe('header mcp-* stands twice');
  });

  it('may have any other as often as it is wanted', () => {
    expect(problem('accept', 'accept', 'x-forwarded-for', 'x-forwarded-for', 'cookie', 'cookie')).toBe(undefined);
  });
});

describe('the path of the metadata of OAuth', () => {
  it('is that of the specification, and whatever lies below', () => {
    const path = '/.well-known/oauth-protected-resource';
    expect([path, `${path}/`, `${path}/mcp/crm`].every(isMetadataPath)).toBe(true);
    expect([`${path}s`, '/.well-known/oauth-authorization-server', `/x${path}`].some(isMetadataPath)).toBe(false);
  });
});
