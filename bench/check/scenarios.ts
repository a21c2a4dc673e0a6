/** What is looked at: each transport once, with calls that are gathered on WebSocket. */
export const CHECKED = [
  { name: 'ws', transport: 'ws', connections: 16, depth: 4 },
  { name: 'http', transport: 'http', connections: 16, depth: 1 },
] as const;
