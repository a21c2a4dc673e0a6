import { GatewayError } from '../../core/errors.js';
import { isObject, type JsonObject } from '../../core/json.js';
import { type McpReply, type McpRequest, type McpResult, result } from '../../core/message.js';
import type { ServerPeer } from '../../core/peer.js';
import { envelopeMembers } from '../envelope.js';
import { SERVER_INFO } from '../meta-keys.js';
import { ALL_VERSIONS, MODERN_VERSIONS, revisionOf } from '../revisions/index.js';
import { implementation } from '../implementation.js';
import type { SelfDescription, Sender, StatelessCodec } from './codec.js';
import { upstreamParams } from './upstream-params.js';

/** The revisions without a handshake. */
export const modernCodec: StatelessCodec = {
  era: 'modern',

  upstreamParams(request: McpRequest, progressToken: number | undefined, sender: Sender): Buffer | undefined {
    return upstreamParams(request, envelopeOf(sender), progressToken);
  },

  readDiscoverResult({ kind, json }: McpReply): ServerPeer {
    const { supportedVersions, capabilities, instructions, _meta } = json.object();
    const versions = Array.isArray(supportedVersions) ? supportedVersions : [];
    const revision = MODERN_VERSIONS.find((version) => versions.includes(version));
    if (kind === 'error' || revision === undefined) {
      throw new GatewayError('upstream_protocol_error', 'the server speaks no revision that is known here');
    }
    return {
      era: 'modern',
      revision,
      capabilities: isObject(capabilities) ? capabilities : {},
      info: implementation(isObject(_meta) ? _meta[SERVER_INFO] : undefined),
      instructions: typeof instructions === 'string' ? instructions : undefined,
    };
  },

  discoverResult(revision: string, { capabilities, instructions }: SelfDescription): McpResult {
    const known = revisionOf(revision)?.serverCapabilities;
    const told: JsonObject = Object.fromEntries(
      Object.entries(capabilities).filter(([capability]) => known?.has(capability)),
    );
    return result({ supportedVersions: [...ALL_VERSIONS], capabilities: told, instructions });
  },
};

/** By what clients declare, the envelope that said so last: mostly the next request says the same. */
const LAST = new WeakMap<JsonObject, { readonly sender: Sender; readonly text: string }>();

function envelopeOf(sender: Sender): string {
  const { declares, info, logLevel } = sender;
  const last = LAST.get(declares);
  if (
    last &&
    last.sender.logLevel === logLevel &&
    last.sender.info.name === info.name &&
    last.sender.info.version === info.version
  ) {
    return last.text;
  }
  const text = envelopeMembers(declares, info, logLevel);
  LAST.set(declares, { sender, text });
  return text;
}
