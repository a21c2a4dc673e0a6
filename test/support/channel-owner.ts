import type { ChannelOwner } from '../../src/upstream/channel/channel-owner.js';

/** The owner of a channel, who cares for nothing but what is said here. */
export function channelOwner(changed: Partial<ChannelOwner> = {}): ChannelOwner {
  const nothing = (): void => undefined;
  return {
    server: 'test-1',
    holder: undefined,
    listChanged: nothing,
    resourceUpdated: nothing,
    quiet: nothing,
    ending: nothing,
    closed: nothing,
    ...changed,
  };
}
