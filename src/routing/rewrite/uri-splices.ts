import { JsonBytes, splice, type Span, type Splice } from '../../core/json.js';
import { members, stringAt, valuesOf } from '../../core/walk.js';
import { exposeUri } from '../naming.js';

/** Gathers the URIs of one JSON value that read differently on the aggregated route, and puts them in their place. */
export class UriSplices {
  private readonly splices: Splice[] = [];

  constructor(
    readonly bytes: Buffer,
    private readonly prefix: string,
    /** Hears of each URI that reads the same on the route: nothing in it says whose it is. */
    private readonly kept?: (uri: string) => void,
  ) {}

  /** The string at this place is a URI or URI template of the group; anything but a string is left alone. */
  uri(at: Span): void {
    const uri = stringAt(this.bytes, at);
    if (uri === undefined) return;
    const exposed = exposeUri(this.prefix, uri);
    if (exposed !== uri) this.text(at, exposed);
    else this.kept?.(uri);
  }

  /** Every member of this name, in the object that begins at `at`, is a URI. */
  uris(key: string, at = 0): void {
    for (const value of valuesOf(this.bytes, key, at)) this.uri(value);
  }

  /** A content block of a tool result or a prompt message: links and embedded resources carry URIs. */
  block(at: Span): void {
    const inside = members(this.bytes, at[0]);
    const type = inside.findLast(({ key }) => key === 'type');
    const kind = type && stringAt(this.bytes, type.value);
    for (const { key, value } of inside) {
      if (kind === 'resource_link' && key === 'uri') this.uri(value);
      if (kind === 'resource' && key === 'resource') this.uris('uri', value[0]);
    }
  }

  /** Another text at this place. */
  text(at: Span, text: string): void {
    this.splices.push({ at, bytes: Buffer.from(JSON.stringify(text)) });
  }

  /** The bytes as the aggregated route shows them; the same ones when nothing in them differs. */
  applied(): Buffer {
    return this.splices.length === 0 ? this.bytes : splice(this.bytes, this.splices);
  }

  /** As `applied`, for a value that came as `json`. */
  appliedTo(json: JsonBytes): JsonBytes {
    return this.splices.length === 0 ? json : new JsonBytes(this.applied());
  }
}
