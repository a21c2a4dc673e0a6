import { isNetwork, Networks } from './networks.js';

const REFUSED = [
  '',
  '0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1',
  '172.31.255.255 192.0.0.8 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255 198.51.100.7',
  '203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1',
  '::ffff:7f00:1 ::ffff:8.8.8.8 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b::8.8.8.8 64:ff9b:1::1 100::1',
  '2001::1 2001:0:4136:e378::1 2001:2::1 2001:10::1 2001:20::1 2001:db8::1 2002:7f00:1::1 3fff::1',
  '5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0 fec0::1 ff02::1 4000::1 dead::beef localhost 127.1',
  '0x7f000001 2130706433',
].flatMap((line) => line.split(' '));

const PUBLIC = ['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.1', '172.15.0.1', '172.32.0.1', '192.167.0.1'];
const PUBLIC_V6 = ['2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450:4001::1', '2003::1'];

describe('Networks', () => {
  it.each(REFUSED)('keeps from %s, which is not public', (address) => {
    expect(new Networks([]).permits(address)).toBe(false);
  });

  it.each([...PUBLIC, ...PUBLIC_V6])('lets through to %s', (address) => {
    expect(new Networks([]).permits(address)).toBe(true);
  });

  it('lets through to networks that are allowed, and to no others', () => {
    const networks = new Networks(['10.1.0.0/16', 'fd00::/8', '127.0.0.1']);
    const permitted = ['10.1.2.3', 'fd12::1', '127.0.0.1', '10.2.0.1', '127.0.0.2', 'fe80::1'];
    expect(permitted.filter((address) => networks.permits(address))).toEqual(['10.1.2.3', 'fd12::1', '127.0.0.1']);
  });

  it('lets plain text through to this very machine only, and only where it is allowed', () => {
    const networks = new Networks(['127.0.0.0/8', '10.0.0.0/8']);
    expect(networks.permits('127.0.0.1', true)).toBe(true);
    expect(networks.permits('10.0.0.1', true)).toBe(false);
    expect(networks.permits('8.8.8.8', true)).toBe(false);
    expect(new Networks([]).permits('127.0.0.1', true)).toBe(false);
  });

  it('tells networks from other texts', () => {
    const texts = [
      '10.0.0.0/8',
      '::1',
      'fd00::/8',
      '10.0.0.0/33',
      '10/8',
      'fe80::1%lo/64',
      '10.0.0.0/8/8',
      '10.0.0.0/',
      'x',
    ];
    expect(texts.filter(isNetwork)).toEqual(['10.0.0.0/8', '::1', 'fd00::/8']);
  });
});
