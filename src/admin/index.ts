export { ADMIN_GATE, type AdminGate } from './admin-door.js';
export { ADMIN_SERVER_FACTORY, AdminListener, type AdminServerFactory } from './admin.listener.js';
export { AdminModule, describeAdminApi } from './admin.module.js';
export { AdminSection } from './admin.section.js';
