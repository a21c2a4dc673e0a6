export { ArgumentsSection } from './arguments/arguments.section.js';
export { FiltersModule } from './filters.module.js';
