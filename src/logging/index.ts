export { logEventFault } from './event-fault.js';
export { FrameworkLogger } from './framework.logger.js';
export { LOGGING_OPTIONS, type LoggingOptions } from './logging-options.js';
export { LOG_LEVELS, LoggingSection, type LogLevel } from './logging.section.js';
export { LoggingModule } from './logging.module.js';
export { ROOT_LOGGER } from './root-logger.js';
