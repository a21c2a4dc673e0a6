import type { Revision } from './revision.js';

/**
 * The first without a handshake: every request says of itself what there is to say, and servers ask nothing on their
 * own, but answer that they need something. Tasks are an extension.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28
 */
export const R2026_07_28: Revision = {
  date: '2026-07-28',
  era: 'modern',
  clientMethods: new Set([
    'server/discover',
    'tools/list',
    'tools/call',
    'prompts/list',
    'prompts/get',
    'resources/list',
    'resources/templates/list',
    'resources/read',
    'completion/complete',
    'subscriptions/listen',
    'tasks/get',
    'tasks/update',
    'tasks/cancel',
  ]),
  serverMethods: new Set(),
  serverCapabilities: new Set(['logging', 'completions', 'prompts', 'resources', 'tools', 'extensions']),
  clientCapabilities: new Set([
    'roots',
    'sampling',
    'sampling.context',
    'sampling.tools',
    'elicitation',
    'elicitation.form',
    'elicitation.url',
    'extensions',
  ]),
  batches: false,
  eventIds: false,
  primedStreams: false,
  versionHeader: true,
};
