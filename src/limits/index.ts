export { LimitsModule } from './limits.module.js';
export { RateLimitingSection } from './rate-limiting.section.js';
