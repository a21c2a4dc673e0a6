export { Doc, IsDuration, Nested, NestedList, NestedMap, StringMap } from '../extension/index.js';
export { ConfigModule } from './config.module.js';
export {
  type ApplyOutcome,
  type ConfigChange,
  type ConfigCheck,
  ConfigService,
  openConfig,
  type OpenedConfig,
} from './config.service.js';
export { ConfigSnapshot } from './config-snapshot.js';
export { readToml } from './document/toml.format.js';
export { generatedFiles } from './generate/generated-files.js';
export { groupNames } from './group-names.js';
export { configSchema } from './generate/schema.js';
export type { Environment } from './load/environment.js';
export { loadConfig, type LoadOptions } from './load/load-config.js';
export { type ConfigProblem, ConfigRejection, formatProblem, inOrder } from './problem.js';
export { redactedConfig, redactText } from './redaction.js';
export { Section, sectionInfo } from './section.js';
export type { ConfigSource } from './source/config-source.js';
export { FileSource } from './source/file.source.js';
export { McpJsonSource } from './source/mcp-json.source.js';
export { TextSource } from './source/text.source.js';
export { watchFile } from './source/watch-file.js';
export { TimeoutSection } from './timeout.section.js';
