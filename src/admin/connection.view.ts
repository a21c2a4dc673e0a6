import { displayText } from '../core/display-text.js';
import type { DownstreamTransport } from '../core/events.js';
import type { Era } from '../core/peer.js';
import type { ConnectionView } from '../core/views.js';
import { ApiProperty } from './description.js';

const TRANSPORTS = ['websocket', 'streamable_http', 'sse', 'unix'] as const satisfies readonly DownstreamTransport[];
const ERAS = ['legacy', 'modern'] as const satisfies readonly Era[];

/** One downstream that is connected. */
export class ConnectionStatus {
  @ApiProperty({ description: 'For `DELETE /api/v1/connections/{id}`.' })
  readonly id!: string;

  @ApiProperty({ enum: TRANSPORTS, description: 'How it is connected.' })
  readonly transport!: DownstreamTransport;

  @ApiProperty({ description: '`mcp`, or the name of a group.' })
  readonly route!: string;

  @ApiProperty({ description: 'The address its socket comes from, without port.' })
  readonly client_address!: string;

  @ApiProperty({
    enum: ERAS,
    nullable: true,
    description:
      'Whether it has introduced itself (`legacy`) or says with each request who it is (`modern`); null before it has said anything.',
  })
  readonly era!: Era | null;

  @ApiProperty({ type: String, nullable: true, description: 'MCP revision that it speaks; null before that is known.' })
  readonly revision!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'What it calls itself.' })
  readonly client!: string | null;

  @ApiProperty({ description: 'Who it is.' })
  readonly principal!: string;

  @ApiProperty({ format: 'date-time', description: 'Since when.' })
  readonly opened_at!: string;

  @ApiProperty({ type: 'integer', description: 'Requests that wait for their answer.' })
  readonly pending!: number;

  @ApiProperty({ type: 'integer', description: 'Requests so far.' })
  readonly requests!: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    description: 'Where several workers serve: which of them it is with.',
  })
  readonly worker?: number;
}

export class ConnectionList {
  @ApiProperty({ type: [ConnectionStatus], description: 'Every connection that is open.' })
  readonly connections!: ConnectionStatus[];
}

export function toConnectionStatus(view: ConnectionView): ConnectionStatus {
  return {
    id: view.id,
    transport: view.transport,
    route: view.route,
    client_address: view.clientAddress,
    era: view.era ?? null,
    revision: view.revision === undefined ? null : displayText(view.revision),
    client: view.client === undefined ? null : displayText(view.client),
    principal: displayText(view.principal),
    opened_at: new Date(view.openedAt).toISOString(),
    pending: view.pending,
    requests: view.requests,
  };
}
