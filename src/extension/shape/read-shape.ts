import { formatDuration, parseDuration } from '../../core/duration.js';
import { type Field, fieldsOf } from './field.js';
import type { KeyPath } from './key-path.js';
import { nearest } from './nearest.js';
import { OutsideText } from './outside-text.js';
import { brokenRules } from './rules.js';
import { isSecretName } from './secret-name.js';
import type { ShapeClass } from './shape-class.js';

/** What reading needs to know, and whom it tells. */
export interface Reading {
  /** Told of everything that is wrong; reading goes on, so that all of it is said at once. */
  problem(path: KeyPath, message: string): void;
  /** The value that a piece of outside text stands for (`8080`, `true`, `["a"]`); undefined when it is only text. */
  parseText(text: string): unknown;
}

type Table = Record<string, unknown>;
type Kind<K extends Field['kind']> = Extract<Field, { kind: K }>;

/** Where a table stands, and which of its keys belong to somebody else. */
export interface Place {
  readonly path: KeyPath;
  readonly apart?: readonly string[];
}

/**
 * Reads a raw table into a fresh instance of a shape: keys are snake_case, what is missing keeps its
 * default, what is unknown or wrong is a problem. The instance is only good when there was none.
 */
export function readShape<T extends object>(shape: ShapeClass<T>, raw: unknown, reading: Reading, place: Place): T {
  return readInto(new shape(), raw, reading, place);
}

function readInto<T extends object>(instance: T, raw: unknown, reading: Reading, { path, apart = [] }: Place): T {
  const table = textAsValue(raw, reading);
  const fields = fieldsOf(instance.constructor as ShapeClass);
  if (isTable(table)) {
    refuseUnknown(table, [...fields.map(({ key }) => key), ...apart], path, reading);
    fill(instance as Table, fields, table, new Reader(path, reading));
  } else {
    reading.problem(path, 'must be a table');
  }
  return instance;
}

export function isTable(value: unknown): value is Table {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

function refuseUnknown(table: Table, known: readonly string[], path: KeyPath, reading: Reading): void {
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    const meant = nearest(key, known);
    reading.problem([...path, key], meant ? `unknown key; did you mean "${meant}"?` : 'unknown key');
  }
}

function fill(instance: Table, fields: readonly Field[], table: Table, reader: Reader): void {
  const wrong = new Set<string>();
  for (const field of fields) {
    const given = Object.hasOwn(table, field.key) ? table[field.key] : undefined;
    const value = reader.read(field, given, instance[field.property]);
    if (value === REFUSED) wrong.add(field.property);
    else if (value !== undefined) instance[field.property] = value;
  }
  const broken = brokenRules(instance, new Set(fields.map(({ property }) => property)));
  for (const field of fields) {
    const sentence = broken.get(field.property);
    if (sentence && !wrong.has(field.property)) reader.refuse(field, sentence, table[field.key]);
  }
}

const REFUSED = Symbol('refused');

/** Reads the fields of one table. */
class Reader {
  constructor(
    private readonly path: KeyPath,
    private readonly reading: Reading,
  ) {}

  read(field: Field, given: unknown, byDefault: unknown): unknown {
    switch (field.kind) {
      case 'table':
        return readInto((byDefault as object | undefined) ?? new (field.shape())(), given ?? {}, this.reading, {
          path: this.at(field),
        });
      case 'map':
        return this.map(field, given, byDefault);
      case 'list':
        return given === undefined ? byDefault : this.list(field, given);
      case 'string_map':
        return this.stringMap(field, given, byDefault);
      case 'duration':
        return given === undefined ? byDefault : this.duration(field, given);
      case 'count':
        return given === undefined ? byDefault : this.count(field, given);
      case 'string':
      case 'number':
      case 'boolean':
      case 'array':
      case 'any':
        break;
    }
    return given === undefined ? byDefault : this.plain(field, given);
  }

  refuse(field: Field, message: string, given?: unknown): typeof REFUSED {
    const shown = shownValue(field.key, given);
    this.reading.problem(this.at(field), shown === undefined ? message : `${message} (got ${shown})`);
    return REFUSED;
  }

  private at(field: Field): KeyPath {
    return [...this.path, field.key];
  }

  private nested(shape: ShapeClass, given: unknown, path: KeyPath): unknown {
    return readShape(shape, given, this.reading, { path });
  }

  private map(field: Kind<'map'>, given: unknown, byDefault: unknown): unknown {
    // Without a prototype, so that no name is ever found that nobody wrote.
    if (given === undefined) return bare(byDefault);
    const table = textAsValue(given, this.reading);
    if (!isTable(table)) return this.refuse(field, 'must be a table of tables');
    const map = bare({});
    for (const [name, value] of Object.entries(table)) {
      const path = [...this.at(field), name];
      if (field.names && !field.names.test(name)) this.reading.problem(path, `a name must match ${field.names.source}`);
      map[name] = this.nested(field.shape(), value, path);
    }
    return map;
  }

  private list(field: Kind<'list'>, given: unknown): unknown {
    const items = textAsValue(given, this.reading);
    if (!Array.isArray(items)) return this.refuse(field, 'must be an array of tables');
    return items.map((item, index) => this.nested(field.shape(), item, [...this.at(field), index]));
  }

  private stringMap(field: Field, given: unknown, byDefault: unknown): unknown {
    if (given === undefined) return bare(byDefault);
    const table = textAsValue(given, this.reading);
    if (!isTable(table)) return this.refuse(field, 'must be a table of strings');
    const map = bare({});
    for (const [name, value] of Object.entries(table)) {
      const text = value instanceof OutsideText ? value.text : value;
      if (typeof text === 'string') map[name] = text;
      else this.reading.problem([...this.at(field), name], 'must be a string');
    }
    return map;
  }

  private duration(field: Kind<'duration'>, given: unknown): unknown {
    const ms = parseDuration(given instanceof OutsideText ? this.scalar(field, given) : given);
    if (ms === undefined) {
      return this.refuse(field, 'must be a time such as "30s" or "250ms" (a bare number is seconds)', given);
    }
    if (ms < field.min) return this.refuse(field, `must be at least ${formatDuration(field.min)}`, given);
    if (ms > field.max) return this.refuse(field, `must be at most ${formatDuration(field.max)}`, given);
    return ms;
  }

  private count(field: Kind<'count'>, given: unknown): unknown {
    const { word, min, max } = field;
    const value = given instanceof OutsideText ? (this.reading.parseText(given.text) ?? given.text) : given;
    const fits = value === word || (Number.isInteger(value) && Number(value) >= min && Number(value) <= max);
    return fits ? value : this.refuse(field, `must be a whole number from ${min} to ${max}, or "${word}"`, given);
  }

  private plain(field: Field, given: unknown): unknown {
    const value = given instanceof OutsideText ? this.scalar(field, given) : given;
    if (field.kind === 'array') {
      if (!Array.isArray(value)) return this.refuse(field, 'must be an array', given);
      return value.map((item: unknown) => (item instanceof OutsideText ? item.text : item));
    }
    const fits = field.kind === 'any' || typeof value === field.kind;
    return fits && !Number.isNaN(value) ? value : this.refuse(field, `must be a ${field.kind}`, given);
  }

  private scalar(field: Field, { text, secret }: OutsideText): unknown {
    // A secret that looks like a number or a quoted string is still what it looks like: text.
    const isText = field.kind === 'any' || (field.kind === 'string' && (secret || !/^["']/.test(text)));
    return isText ? text : (this.reading.parseText(text) ?? text);
  }
}

function textAsValue(value: unknown, reading: Reading): unknown {
  return value instanceof OutsideText ? reading.parseText(value.text) : value;
}

function bare(entries: unknown): Table {
  return Object.assign(Object.create(null) as Table, entries);
}

/** A value as a message may show it: short and certainly no secret, else not at all. */
function shownValue(key: string, given: unknown): string | undefined {
  const value = given instanceof OutsideText && !given.secret ? given.text : given;
  if (isSecretName(key)) return undefined;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && /^[\w .+-]{0,32}$/.test(value) ? JSON.stringify(value) : undefined;
}
