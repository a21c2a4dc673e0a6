export {
  type Configurable,
  defineExtensionPoint,
  type ExtensionPoint,
  type ExtensionTraits,
} from './extension-point.js';
export { ExtensionModule } from './extension.module.js';
export { Extensions } from './extensions.js';
export type { OptionProblem } from './options.js';
export { CountOr, Doc, IsDuration, Nested, NestedList, NestedMap, StringMap } from './shape/decorators.js';
export { type Field, type FieldKind, fieldsOf } from './shape/field.js';
export { formatKey, type KeyPath, parseKey } from './shape/key-path.js';
export { nearest } from './shape/nearest.js';
export { OutsideText } from './shape/outside-text.js';
export { isTable, type Reading, readShape } from './shape/read-shape.js';
export { type Rule, rulesOf } from './shape/rules.js';
export { isSecretName } from './shape/secret-name.js';
export type { ShapeClass } from './shape/shape-class.js';
