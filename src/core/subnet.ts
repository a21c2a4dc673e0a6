/**
 * The network that an address is counted as: itself, or the /64 of an IPv6 address, because that is what one customer
 * has at least. An IPv4 address in IPv6 dress is the IPv4 address.
 */
export function subnetOf(address: string): string {
  if (!address.includes(':')) return address;
  const [plain = ''] = address.toLowerCase().split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  return mapped?.[1] ?? `${firstGroups(plain).join(':')}::/64`;
}

/** The first four of the eight groups, without leading zeros. */
function firstGroups(address: string): string[] {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = tail === undefined ? [] : groupsOf(tail);
  // A dotted end stands for two groups.
  const written = before.length + after.length + (address.includes('.') ? 1 : 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - written);
  const all = [...before, ...Array.from({ length: zeros }, () => '0'), ...after];
  return all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
