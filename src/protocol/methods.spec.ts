import { METHOD_NAMES } from '../core/method-names.js';
import { METHODS } from './methods.js';

describe('the method table', () => {
  it('lets only what changes nothing twice be sent twice', () => {
    const once = [...METHODS.values()].filter(({ retry }) => retry === 'unsent').map(({ name }) => name);

    expect(once).toEqual(['initialize', 'tools/call', 'tasks/cancel']);
  });

  it('holds nothing that could not be counted by its name', () => {
    expect([...METHODS.keys()].filter((name) => !METHOD_NAMES.has(name))).toEqual([]);
  });

  it('says of everything that one group answers what it is named by', () => {
    for (const { reach, namedBy } of METHODS.values()) expect(namedBy !== undefined).toBe(reach === 'one');
  });
});
