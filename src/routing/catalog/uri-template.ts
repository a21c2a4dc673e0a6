/** Longer URIs and templates are not matched: no server needs them, and matching costs their product. */
const LONGEST = 2_048;

type Part =
  | { readonly kind: 'literal'; readonly text: string }
  /** Any text, or any text without a slash. */
  | { readonly kind: 'gap'; readonly slashes: boolean };

/**
 * A URI template (RFC 6570) that can say whether a URI may have come from it: good enough to find the group
 * that a URI belongs to, not to read values out of it.
 *
 * Every part is matched from all places that the one before it could have ended at, side by side, so that a
 * crafted URI never costs more than its length times that of the template.
 */
export class UriTemplate {
  private readonly parts: readonly Part[];

  constructor(template: string) {
    this.parts = template.length <= LONGEST ? partsOf(template) : [];
  }

  matches(uri: string): boolean {
    if (this.parts.length === 0 || uri.length > LONGEST) return false;
    let ends = new Uint8Array(uri.length + 1);
    ends[0] = 1;
    for (const part of this.parts) {
      ends = part.kind === 'literal' ? afterLiteral(uri, part.text, ends) : afterGap(uri, part.slashes, ends);
    }
    return ends[uri.length] === 1;
  }
}

function partsOf(template: string): Part[] {
  return template
    .split(/(\{[^{}]*\})/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('{') && piece.endsWith('}') ? gap(piece) : { kind: 'literal', text: piece }));
}

/** Simple expansion escapes slashes; reserved expansion, paths, queries and exploded values may hold them. */
function gap(expression: string): Part {
  return { kind: 'gap', slashes: /^\{[+#/?&]/.test(expression) || expression.includes('*') };
}

function afterLiteral(uri: string, text: string, starts: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const ends = new Uint8Array(starts.length);
  for (let at = 0; at + text.length < starts.length; at++) {
    if (starts[at] === 1 && uri.startsWith(text, at)) ends[at + text.length] = 1;
  }
  return ends;
}

function afterGap(uri: string, slashes: boolean, starts: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const ends = new Uint8Array(starts.length);
  let inside = false;
  for (let at = 0; at < starts.length; at++) {
    if (at > 0 && !slashes && uri[at - 1] === '/') inside = false;
    inside ||= starts[at] === 1;
    if (inside) ends[at] = 1;
  }
  return ends;
}
