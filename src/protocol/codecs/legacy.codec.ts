import { GatewayError } from '../../core/errors.js';
import { isObject, type JsonObject } from '../../core/json.js';
import { type McpReply, type McpRequest, type Params, result } from '../../core/message.js';
import type { Implementation, Peer, ServerPeer } from '../../core/peer.js';
import { LATEST_LEGACY, negotiate, revisionOf } from '../revisions/index.js';
import type { HandshakeCodec, SelfDescription } from './codec.js';
import { implementation } from '../implementation.js';
import { upstreamParams } from './upstream-params.js';

/** The revisions with a handshake: they share one vocabulary, so they share one codec. */
export const legacyCodec: HandshakeCodec = {
  era: 'legacy',

  upstreamParams(request: McpRequest, progressToken: number | undefined): Buffer | undefined {
    return upstreamParams(request, '', progressToken);
  },

  initializeParams({ name, version }: Implementation, capabilities: JsonObject = {}): Buffer {
    const said = { protocolVersion: LATEST_LEGACY.date, capabilities, clientInfo: { name, version } };
    return Buffer.from(JSON.stringify(said));
  },

  readInitializeResult({ kind, json }: McpReply): ServerPeer {
    if (kind === 'error') throw new GatewayError('upstream_protocol_error', 'the server refused the introduction');
    const { protocolVersion, capabilities, serverInfo, instructions } = json.object();
    const revision = typeof protocolVersion === 'string' ? revisionOf(protocolVersion) : undefined;
    if (revision?.era !== 'legacy') {
      throw new GatewayError('upstream_protocol_error', 'the server speaks no revision that is known here');
    }
    return {
      era: 'legacy',
      revision: revision.date,
      capabilities: isObject(capabilities) ? capabilities : {},
      info: implementation(serverInfo),
      instructions: typeof instructions === 'string' ? instructions : undefined,
    };
  },

  readInitialize(params: Params | undefined): Peer {
    const { protocolVersion, capabilities, clientInfo } = params?.object() ?? {};
    return {
      era: 'legacy',
      revision: negotiate(typeof protocolVersion === 'string' ? protocolVersion : '').date,
      capabilities: isObject(capabilities) ? capabilities : {},
      info: implementation(clientInfo),
    };
  },

  initializeResult({ revision }: Peer, { info: { name, version }, capabilities, instructions }: SelfDescription) {
    const known = revisionOf(revision)?.serverCapabilities;
    const told = Object.fromEntries(Object.entries(capabilities).filter(([capability]) => known?.has(capability)));
    return result({ protocolVersion: revision, capabilities: told, serverInfo: { name, version }, instructions });
  },
};
