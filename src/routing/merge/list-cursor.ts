import { GatewayError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { McpRequest } from '../../core/message.js';
import { principalKey, type Principal } from '../../core/principal.js';
import type { Sealer } from '../../core/sealed.js';
import type { CatalogKind } from '../catalog/list-kind.js';

/**
 * The cursors of one list of one route: sealed, so that a client can neither read nor change them, and good
 * only for the list, the route and the principal that they were made for.
 */
export class ListCursors {
  constructor(
    private readonly sealer: Sealer,
    private readonly route: string,
    private readonly kind: CatalogKind | 'tasks',
  ) {}

  seal(position: JsonObject, principal: Principal): string {
    const { kind, route } = this;
    return this.sealer.seal('cursor', principalKey(principal), { kind, route, ...position });
  }

  /**
   * Where the request wants to go on; undefined at the beginning.
   *
   * @throws `protocol_invalid_params` for a cursor that is not one of these
   */
  open(request: McpRequest, principal: Principal): JsonObject | undefined {
    const cursor = request.params?.text('cursor');
    if (cursor === undefined) return undefined;
    const position = this.sealer.open('cursor', principalKey(principal), cursor);
    if (!position || position['kind'] !== this.kind || position['route'] !== this.route) throw invalidCursor();
    return position;
  }
}

/** The answer to a cursor that is not ours, not whole, or leads nowhere any more. */
export function invalidCursor(): GatewayError {
  return new GatewayError('protocol_invalid_params', 'Invalid cursor');
}
