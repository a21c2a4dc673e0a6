/** What a notification that a list changed is about. */
export const LIST_CHANGES: ReadonlyMap<string, 'tools' | 'prompts' | 'resources'> = new Map([
  ['notifications/tools/list_changed', 'tools'],
  ['notifications/prompts/list_changed', 'prompts'],
  ['notifications/resources/list_changed', 'resources'],
]);

/** What a server says when the status of a task changed: params are the task. */
export const TASK_STATUS = 'notifications/tasks/status';

/** What a listen begins with: params are what of it is honoured (modern). */
export const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged';

/** What a listen says of a task that it asked for: params are the task (modern, tasks extension). */
export const TASK_CHANGED = 'notifications/tasks';

/** Every notification that the gateway knows. Others are ignored, whoever sends them. */
export const NOTIFICATIONS: ReadonlySet<string> = new Set([
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  'notifications/message',
  'notifications/resources/updated',
  'notifications/roots/list_changed',
  'notifications/elicitation/complete',
  TASK_STATUS,
  ACKNOWLEDGED,
  TASK_CHANGED,
  ...LIST_CHANGES.keys(),
]);
