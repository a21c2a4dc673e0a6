import { Injectable } from '@nestjs/common';

import { compareLogLevels, type LogLevel } from '../protocol/index.js';
import type { Group } from '../upstream/index.js';

/**
 * The least severe log level that anybody ever wanted of a group. A server has one level for everybody, so it
 * is told that one; each downstream then gets what it asked for itself.
 */
@Injectable()
export class LogLevels {
  private readonly wanted = new Map<string, LogLevel>();

  want(group: Group, level: LogLevel): void {
    const now = this.wanted.get(group.name);
    if (now !== undefined && compareLogLevels(level, now) >= 0) return;
    this.wanted.set(group.name, level);
    group.setLogLevel(level);
  }

  /** Tells the groups of a new generation what is wanted of their names, and forgets names that are gone. */
  carryOver(groups: readonly Group[]): void {
    const names = new Set(groups.map(({ name }) => name));
    for (const name of this.wanted.keys()) if (!names.has(name)) this.wanted.delete(name);
    for (const group of groups) {
      const level = this.wanted.get(group.name);
      if (level !== undefined) group.setLogLevel(level);
    }
  }
}
