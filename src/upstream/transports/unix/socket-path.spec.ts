import { problemOfSocketUrl, socketPath } from './socket-path.js';

describe('the URL of a Unix socket', () => {
  it.each([
    ['unix:///run/mcp.sock', '/run/mcp.sock'],
    ['unix:/run/mcp.sock', '/run/mcp.sock'],
    ['unix:///run/a%20b%3F.sock', '/run/a b?.sock'],
    ['unix:///run/ü.sock', '/run/ü.sock'],
  ])('%s names %s', (url, path) => {
    expect(socketPath(url)).toBe(path);
  });

  it.each([
    ['unix://run/mcp.sock', 'three slashes'],
    ['unix:///', 'names no socket'],
    ['unix://', 'names no socket'],
    ['unix:///run/folder/', 'names no socket'],
    ['unix:run/mcp.sock', 'names no socket'],
    ['unix:///run/mcp.sock?x=1', 'nothing else'],
    ['unix:///run/mcp.sock#x', 'nothing else'],
    ['unix:///run/%zz.sock', 'hexadecimal'],
    ['unix:///run/%00.sock', 'such characters'],
    [`unix:///${'x'.repeat(107)}`, '107 bytes at most, not 108'],
  ])('%s is refused: %s', (url, problem) => {
    expect(problemOfSocketUrl(url)).toContain(problem);
    expect(socketPath(url)).toBeUndefined();
  });
});
