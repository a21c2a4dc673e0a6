import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/** Bytes that an address may have: the smallest limit of the systems that we know. */
export const MAX_PATH_BYTES = 103;

/**
 * Removes what a process that ended badly has left: a socket on which nobody listens. Does nothing where nothing
 * is.
 *
 * @throws Error saying what is there, when it is something else
 */
export async function removeStale(path: string): Promise<void> {
  const found = await lstat(path).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return undefined;
    throw new Error('the directory cannot be read', { cause: thrown });
  });
  if (!found) return;
  if (!found.isSocket()) throw new Error('there is something else under that name');
  if (await isListenedOn(path)) throw new Error('somebody listens there');
  await unlink(path).catch((cause: unknown) => {
    throw new Error('the old socket cannot be removed', { cause });
  });
}

/** Anything but a plain refusal may be somebody who is busy, or is not to be seen by us. */
function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
