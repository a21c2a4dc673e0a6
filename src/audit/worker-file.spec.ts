import { fileOfWorker, filesByChain } from './worker-file.js';

describe('the file of a worker', () => {
  it('is the configured one with its number, before the suffix', () => {
    expect(fileOfWorker('/var/log/audit.jsonl', 2)).toBe('/var/log/audit.worker-2.jsonl');
    expect(fileOfWorker('/var/log.d/audit', 12)).toBe('/var/log.d/audit.worker-12');
    expect(fileOfWorker('/var/log/audit.jsonl', undefined)).toBe('/var/log/audit.jsonl');
  });

  it('is put with those of its chain, what was set aside with it', () => {
    const one = ['/a/audit.worker-1.jsonl', '/a/audit.worker-1.jsonl.000000000000100'];
    const ten = ['/a/audit.worker-10.jsonl'];
    const alone = ['/a/audit.jsonl', '/b/renamed.jsonl'];
    expect(filesByChain([...one, ...ten, ...alone])).toEqual([one, ten, alone]);
  });
});
