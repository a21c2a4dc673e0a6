export { busOfProcess, configInForce, isLate, isWorker, slotOfProcess } from './joined.js';
export { actAsPrimary, becomePrimary } from './role.js';
export type { ListenOrder } from './topics.js';
export { AUTO, workerCount } from './worker-count.js';
export { joinPrimary } from './worker/join.js';
export { leavesOthers } from './worker/leave.js';
export { StartSteps } from './worker/start-steps.js';
