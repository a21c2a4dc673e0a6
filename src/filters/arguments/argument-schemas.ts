import { createHash } from 'node:crypto';

import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import type { Definition } from '../../core/definition.js';
import { displayText } from '../../core/display-text.js';
import type { Target } from '../../core/exchange.js';
import { ArgumentSchema } from './argument-schema.js';

/** Schemas that are kept ready. */
const KEPT = 1_000;

/** The schemas of tools, each made use of when it is needed first. */
@Injectable()
export class ArgumentSchemas {
  private readonly logger = new Logger('Arguments');
  private readonly ready = new WeakMap<Definition, ArgumentSchema>();
  /** By digest: many lists tell the same tool. */
  private readonly schemas = new LRUCache<string, ArgumentSchema>({ max: KEPT });
  private readonly reported = new WeakSet<ArgumentSchema>();

  /** What a tool takes, if that was asked for before. */
  known(definition: Definition): ArgumentSchema | undefined {
    return this.ready.get(definition);
  }

  /** What a tool takes. */
  of(definition: Definition): ArgumentSchema {
    const known = this.ready.get(definition);
    if (known) return known;
    const { inputSchema = {} } = definition.object();
    const text = JSON.stringify(inputSchema);
    const digest = createHash('sha256').update(text).digest('base64url');
    const schema = this.schemas.get(digest) ?? ArgumentSchema.of(inputSchema, text.length);
    this.schemas.set(digest, schema);
    this.ready.set(definition, schema);
    return schema;
  }

  /** Says once that nothing can be judged by a schema, or that it took too long. */
  report(schema: ArgumentSchema, { group, name }: Target): void {
    if (this.reported.has(schema)) return;
    this.reported.add(schema);
    const tool = displayText(name);
    const what = `arguments of tool ${JSON.stringify(tool)} of group ${group}`;
    const msg = schema.problem
      ? `${what} are not checked, because of its schema: ${schema.problem}`
      : `${what} take too long to be judged by its schema: such calls do not fit`;
    this.logger.warn({ msg, upstream_group: group, tool });
  }
}
