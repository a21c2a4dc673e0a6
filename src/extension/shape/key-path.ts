/** Where a value stands in a tree: names of tables and indices of arrays, outermost first. */
export type KeyPath = readonly (string | number)[];

const BARE = /^[A-Za-z0-9_-]+$/;
const PIECE = /"(?:[^"\\]|\\.)*"|\[\d+\]|[^.[\]"]+/g;

/** A path as people write it: `upstream.groups.crm.servers[0].env."A.B"`. */
export function formatKey(path: KeyPath): string {
  let written = '';
  for (const step of path) {
    if (typeof step === 'number') written += `[${step}]`;
    else written += (written && '.') + (BARE.test(step) ? step : JSON.stringify(step));
  }
  return written;
}

/** What `formatKey` wrote, as a path again. */
export function parseKey(written: string): KeyPath {
  return Array.from(written.matchAll(PIECE), ([piece]) => {
    if (piece.startsWith('[')) return Number(piece.slice(1, -1));
    return piece.startsWith('"') ? (JSON.parse(piece) as string) : piece;
  });
}

/** `maxConnections` as TOML spells it: `max_connections`. */
export function toSnakeCase(property: string): string {
  return property.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
