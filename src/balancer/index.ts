export { BalancerModule } from './balancer.module.js';
export { BalancingStrategy, type Candidate } from './balancing-strategy.js';
export { STRATEGIES } from './strategies/index.js';
