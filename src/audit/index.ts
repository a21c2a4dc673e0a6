export { AuditModule } from './audit.module.js';
export { AuditSection } from './audit.section.js';
export { filesByChain } from './worker-file.js';
export { type ChainProblem, type Verified, verifyChain } from './verification.js';
