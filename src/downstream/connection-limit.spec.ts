import { connectionLimit } from './connection-limit.js';

describe('the limit of connections', () => {
  it.each([
    ['is what is configured where there are files enough', 10_000, 20_000, 10_000],
    ['leaves 512 files for everything else', 10_000, 4_096, 3_584],
    ['takes half of few files', 10_000, 256, 128],
    ['is never more than is configured', 2, 1_024, 2],
    ['is what is configured where files have no limit', 10_000, Infinity, 10_000],
  ])('%s', (_, maxConnections, openFiles, limit) => {
    expect(connectionLimit({ maxConnections }, openFiles)).toBe(limit);
  });
});
