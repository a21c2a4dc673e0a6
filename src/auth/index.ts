export { AuthModule } from './auth.module.js';
export { AuthService, type Credentials } from './auth.service.js';
