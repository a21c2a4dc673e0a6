import { Injectable, type Provider } from '@nestjs/common';
import { InjectMetric, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';

import { Events } from '../core/events.js';

const DRIFTS = 'mcp_gateway_tool_drifts_total';
const ARGUMENTS = 'mcp_gateway_arguments_total';

/** Counts tools that are not described as they were approved, and arguments that do not fit their tools. */
@Injectable()
export class ToolMetrics {
  constructor(events: Events, @InjectMetric(DRIFTS) drifts: Counter, @InjectMetric(ARGUMENTS) judged: Counter) {
    events.on('tool.drifted', ({ group, change, action }) => drifts.inc({ group, change, action }));
    events.on('arguments.judged', ({ exchange: { route }, action }) => judged.inc({ route, action }));
  }
}

export const TOOL_METRICS: Provider[] = [
  ToolMetrics,
  makeCounterProvider({
    name: DRIFTS,
    help: 'Tools that were found not to be described as they were approved, each description once, and what is done about it.',
    labelNames: ['group', 'change', 'action'],
  }),
  makeCounterProvider({
    name: ARGUMENTS,
    help: 'Tool calls whose arguments do not fit the schema of their tool, refused or forgiven, or whose schema cannot be used (unchecked).',
    labelNames: ['route', 'action'],
  }),
];
