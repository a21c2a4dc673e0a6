/** What a notification that a list changed is about. */
export const LIST_CHANGES: ReadonlyMap<string, 'tools' | 'prompts' | 'resources'> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);

/** What a server says when the status of a task changed: params are the task. */
export const TASK_STATUS = 'notifications/tasks/status';

/** Every notification of the legacy era that the gateway knows. Others are ignored, whoever sends them. */
export const NOTIFICATIONS: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/message',
  'notifications/resources/updated',
  'notifications/roots/list_changed',
  'notifications/elicitation/complete',
  TASK_STATUS,
  ...LIST_CHANGES.keys(),
]);
