/** Why the gateway closes a WebSocket connection (RFC 6455, 7.4.1 and the registry it set up). */
export const CloseCode = {
  NORMAL: 1000,
  GOING_AWAY: 1001,
  UNSUPPORTED_DATA: 1003,
  POLICY: 1008,
  INTERNAL: 1011,
  OVERLOADED: 1013,
} as const;
