export { ADMIN_GATE, type AdminGate } from './admin.guard.js';
export { AdminModule, describeAdminApi } from './admin.module.js';
export { AdminSection } from './admin.section.js';
