export { approve, type ToldGroups, type Wanted } from './approval.js';
export { approvalFileOf, readApprovals, writeApprovals } from './approval-file.js';
export { visible } from './canonical-json.js';
export { compareTools, type ToolDifference } from './comparison.js';
export { BrokenLock, type ApprovedTools, type Approvals } from './lock-file.js';
export { PinningModule } from './pinning.module.js';
export { PinningSection } from './pinning.section.js';
export { describedTool, type DescribedTool, type ToolDefinition } from './tool-definition.js';
