import { settingsWith } from '../../test/support/server-settings.js';
import { sectionWith } from '../../test/support/upstream-bench.js';
import { addressOf, identityOf, serverSettings } from './server-settings.js';

describe('server settings', () => {
  const client = { name: 'gateway', version: '1' };

  it('names servers by their group and place where configuration does not', () => {
    const section = sectionWith([{ url: 'ws://a' }, { url: 'ws://b', id: 'b' }, { url: 'ws://c' }]);

    expect(serverSettings(section, 'crm', client).map(({ id }) => id)).toEqual(['crm-1', 'b', 'crm-3']);
  });

  it('have the same identity however their keys are ordered, and whatever the weight', () => {
    const [a] = serverSettings(sectionWith([{ url: 'ws://a', headers: { x: '1', y: '2' }, weight: 1 }]), 'crm', client);
    const [b] = serverSettings(sectionWith([{ weight: 9, headers: { y: '2', x: '1' }, url: 'ws://a' }]), 'crm', client);

    expect(a && identityOf(a)).toBe(b && identityOf(b));
  });

  it.each([
    { url: 'ws://b' },
    { id: 'other' },
    { transport: 'sse' as const },
    { headers: { x: '1' } },
    { env: { A: '' } },
    { maxMessageBytes: 1 },
    { args: ['a', 'b'] },
  ])('have another identity with %o', (changed) => {
    expect(identityOf(settingsWith({ url: 'ws://a', args: ['ab'], ...changed }))).not.toBe(
      identityOf(settingsWith({ url: 'ws://a', args: ['ab'] })),
    );
  });

  it('show an address without credentials, query and arguments', () => {
    expect(addressOf({ url: 'https://user:pass@host:8443/a/mcp?key=1#x', command: undefined })).toBe(
      'https://host:8443/a/mcp',
    );
    expect(addressOf({ url: 'unix:///run/mcp.sock', command: undefined })).toBe('unix:///run/mcp.sock');
    expect(addressOf({ url: undefined, command: '/usr/bin/npx' })).toBe('/usr/bin/npx');
  });
});
