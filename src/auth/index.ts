export { AuthModule } from './auth.module.js';
export { AuthService } from './auth.service.js';
export type { Credentials, Destination } from './credentials.js';
