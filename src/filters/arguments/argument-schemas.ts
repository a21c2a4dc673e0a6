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
  private readonly known = new WeakMap<Definition, ArgumentSchema>();
  /** By digest: many lists tell the same tool. */
  private readonly schemas = new LRUCache<string, ArgumentSchema>({ max: KEPT });
  private readonly reported = new WeakSet<ArgumentSchema>();

  /** What a tool takes. */
  of(definition: Definition): ArgumentSchema {
    const known = this.known.get(definition);
    if (known) return known;
    const { inputSchema = {} } = definition.object();
    const text = JSON.stringify(inputSchema);
    const digest = createHash('sha256').update(text).digest('base64url');
    const schema = this.schemas.get(digest) ?? ArgumentSchema.of(inputSchema, text.length);
    this.schemas.set(digest, schema);
    this.known.set(definition, schema);
    return schema;
  }

  /** Says once that nothing can be judged by a schema. */
  report(schema: ArgumentSchema, { group, name }: Target): void {
    if (this.reported.has(schema)) return;
    this.reported.add(schema);
    const tool = displayText(name);
    const what = `arguments of tool ${JSON.stringify(tool)} of group ${group} are not checked`;
    this.logger.warn({ msg: `${what}, because of its schema: ${schema.problem}`, upstream_group: group, tool });
  }
}
