import { randomUUID } from 'node:crypto';

/** Tells the replicas of this server apart: `INSTANCE_ID`, or a random id for each start. */
export const instance = {
  id: process.env['INSTANCE_ID'] ?? randomUUID().slice(0, 8),
  pid: process.pid,
};
