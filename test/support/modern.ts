import type { IncomingMessage } from 'node:http';

import { postOf, request, type Endpoint, type HttpAnswer, type Json } from './raw-clients.ts';

export const MODERN = '2026-07-28';

const KEY = 'io.modelcontextprotocol/';
export const SUBSCRIPTION_ID = `${KEY}subscriptionId`;
export const SERVER_INFO = `${KEY}serverInfo`;

/** `_meta` with the envelope of a modern request; members without a slash stand beside it. */
export function envelope(more: Json = {}): Json {
  const given: Json = { capabilities: {}, version: MODERN, ...more };
  const { capabilities, version, clientInfo, logLevel, ...beside } = given;
  const said = { protocolVersion: version, clientCapabilities: capabilities, clientInfo, logLevel };
  const members = Object.entries(said).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(members.map(([name, value]) => [`${KEY}${name}`, value])), ...beside };
}

/** A modern request. @param meta see `envelope` */
export function modern(method: string, id: string | number, params: Json = {}, meta: Json = {}): Json {
  return request(method, id, { ...params, _meta: envelope(meta) });
}

export function modernCall(name: string, id: string | number, meta: Json = {}): Json {
  return modern('tools/call', id, { name, arguments: {} }, meta);
}

export function listen(id: string | number, notifications: Json = { toolsListChanged: true }): Json {
  return modern('subscriptions/listen', id, { notifications });
}

/** The headers that a modern message needs over HTTP. */
export function headersOf(message: Json): Record<string, string> {
  const { name, uri } = (message['params'] ?? {}) as Json;
  const about = name ?? uri;
  return {
    'mcp-protocol-version': MODERN,
    'mcp-method': String(message['method']),
    ...(typeof about === 'string' && { 'mcp-name': about }),
  };
}

/** @param headers in the place of those that the message needs; undefined leaves one out */
export function postModern(gateway: Endpoint, message: Json, headers: Json = {}, path = '/mcp'): Promise<HttpAnswer> {
  return gateway.post(message, { ...headersOf(message), ...headers }, path);
}

/** The response as soon as its headers are here. */
export function openModern(
  gateway: Endpoint,
  message: Json,
  headers: Json = {},
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return gateway.open('POST', {
    ...postOf(message, { ...headersOf(message), ...headers }),
    ...(signal && { signal }),
  });
}
