import { hash } from 'node:crypto';

import type { Target } from '../core/exchange.js';
import { Globs } from '../core/glob.js';
import { Limit } from './limit.js';
import type { ToolRateConfig } from './rate-limiting.section.js';

/** So many tools are remembered. Only tools that a server has are ever looked for. */
const MAX_REMEMBERED = 10_000;

/** A limit for the tools that match. */
export interface ToolLimit {
  readonly limit: Limit;
  /** What it is counted under: the same in every process that has the same configuration. */
  readonly key: string;
  readonly perClient: boolean;
}

interface Rule extends ToolLimit {
  matches(group: string, tool: string): boolean;
}

const NONE: readonly ToolLimit[] = [];

/** Finds the limits of a tool. */
export class ToolLimits {
  private readonly rules: readonly Rule[];
  private readonly known = new Map<string, Map<string, readonly ToolLimit[]>>();
  private readonly found = new Map<string, readonly ToolLimit[]>();
  private remembered = 0;

  constructor(configured: readonly ToolRateConfig[]) {
    this.rules = configured.map(ruleOf);
  }

  /** The same list for tools that have the same limits. */
  of({ group, name }: Target): readonly ToolLimit[] {
    if (this.rules.length === 0) return NONE;
    const known = this.known.get(group)?.get(name);
    return known ?? this.remember(group, name);
  }

  private remember(group: string, name: string): readonly ToolLimit[] {
    if (++this.remembered > MAX_REMEMBERED) {
      this.known.clear();
      this.found.clear();
      this.remembered = 1;
    }
    const found = this.listOf(this.rules.map((rule) => rule.matches(group, name)));
    const tools = this.known.get(group) ?? new Map<string, readonly ToolLimit[]>();
    tools.set(name, found);
    this.known.set(group, tools);
    return found;
  }

  private listOf(matches: readonly boolean[]): readonly ToolLimit[] {
    const mark = matches.map(Number).join('');
    const known = this.found.get(mark) ?? this.rules.filter((_, at) => matches[at]);
    this.found.set(mark, known);
    return known;
  }
}

function ruleOf({ groups, tools, requestsPerMinute, burstSize, per }: ToolRateConfig): Rule {
  const globs = new Globs(tools);
  return {
    limit: new Limit('tool', requestsPerMinute, burstSize),
    key: hash('sha256', JSON.stringify([groups, tools]), 'base64url').slice(0, 12),
    perClient: per === 'client',
    matches: (group, tool) => (groups.length === 0 || groups.includes(group)) && globs.matches(tool),
  };
}
