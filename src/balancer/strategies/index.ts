import { IpHashStrategy } from './ip-hash.strategy.js';
import { LeastConnectionsStrategy } from './least-connections.strategy.js';
import { RoundRobinStrategy } from './round-robin.strategy.js';
import { WeightedRoundRobinStrategy } from './weighted-round-robin.strategy.js';

/** Every strategy that ships, in the order in which the documentation names them. */
export const STRATEGIES = [
  RoundRobinStrategy,
  WeightedRoundRobinStrategy,
  LeastConnectionsStrategy,
  IpHashStrategy,
] as const;
