import { formatDuration } from '../core/duration.js';
import { type Field, fieldsOf, isSecretName, type KeyPath, type ShapeClass } from '../extension/index.js';
import type { ConfigSnapshot, Provenance } from './config-snapshot.js';
import { sectionInfo } from './section.js';

const HIDDEN = '***';
/** A shorter text stands in too many places by chance to be blotted out. */
const SHORTEST_SECRET = 8;
const SECRET_FLAG = /^--?[\w-]+$/;

/** A text in which no remembered secret can be read. */
export function redactText(text: string, { secrets }: Pick<Provenance, 'secrets'>): string {
  let redacted = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) redacted = redacted.replaceAll(secret, HIDDEN);
  }
  return redacted;
}

/**
 * A configuration as it may be shown: in the shape and spelling of the file, with `***` for what came out
 * of a `${…}`, for what has the name of a secret, for every HTTP header, and for passwords in URLs.
 */
export function redactedConfig(snapshot: ConfigSnapshot): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const section of snapshot.sections) {
    const { path } = sectionInfo(section);
    let table = shown;
    for (const step of path) table = (table[step] ??= {}) as Record<string, unknown>;
    Object.assign(table, new Redactor(snapshot.provenance).shape(section, snapshot.get(section), path));
  }
  return shown;
}

class Redactor {
  constructor(private readonly provenance: Provenance) {}

  shape(shape: ShapeClass, value: object, path: KeyPath): Record<string, unknown> {
    const fields = fieldsOf(shape).map((field) => {
      const here = [...path, field.key];
      return [field.key, this.field(field, (value as Record<string, unknown>)[field.property], here)] as const;
    });
    return Object.fromEntries(fields.filter(([, shown]) => shown !== undefined));
  }

  private field(field: Field, value: unknown, path: KeyPath): unknown {
    if (value === undefined) return undefined;
    switch (field.kind) {
      case 'table':
        return this.shape(field.shape(), value as object, path);
      case 'map':
        return mapped(value as object, (item, name) => this.shape(field.shape(), item as object, [...path, name]));
      case 'list':
        return (value as object[]).map((item, index) => this.shape(field.shape(), item, [...path, index]));
      case 'string_map':
        return mapped(value as object, (item, name) =>
          field.key === 'headers' ? HIDDEN : this.plain(String(item), [...path, name]),
        );
      case 'duration':
        return this.isSecret(path) ? HIDDEN : formatDuration(value as number);
      case 'array':
        return this.array(value as readonly unknown[], path);
      case 'boolean':
        // Its key may speak of credentials; what it says of them is no secret.
        return this.provenance.secretPaths.has(JSON.stringify(path)) ? HIDDEN : value;
      case 'string':
      case 'count':
      case 'number':
      case 'any':
        break;
    }
    return this.plain(value, path);
  }

  /** Command lines put a secret into the element after its flag, or behind an equals sign. */
  private array(values: readonly unknown[], path: KeyPath): unknown[] {
    return values.map((value, index) => {
      const before = values[index - 1];
      const flagged = typeof before === 'string' && SECRET_FLAG.test(before) && isSecretName(before);
      if (flagged) return HIDDEN;
      const [flag = '', ...rest] = String(value).split('=');
      return rest.length > 0 && isSecretName(flag) ? `${flag}=${HIDDEN}` : this.plain(value, [...path, index]);
    });
  }

  private plain(value: unknown, path: KeyPath): unknown {
    // What has no shape may hold anything.
    if (this.isSecret(path) || typeof value === 'object') return HIDDEN;
    return typeof value === 'string' ? redactText(withoutPassword(value), this.provenance) : value;
  }

  private isSecret(path: KeyPath): boolean {
    // What stands in an array has the name of the array.
    const name = path.findLast((step) => typeof step === 'string');
    if (name !== undefined && isSecretName(name)) return true;
    return this.provenance.secretPaths.has(JSON.stringify(path));
  }
}

function mapped(map: object, show: (value: unknown, name: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, show(value, name)]));
}

function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#]*?:)[^/?#]*@/i, `$1${HIDDEN}@`);
}
