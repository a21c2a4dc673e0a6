/** One challenge of `WWW-Authenticate`: RFC 9110, section 11.6.1. What is undefined or empty is left out. */
export function challenge(scheme: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const said = Object.entries(parameters).flatMap(([name, value]) => (value ? [`${name}=${quoted(value)}`] : []));
  return said.length === 0 ? scheme : `${scheme} ${said.join(', ')}`;
}

/** RFC 9110, section 5.6.4. What a header cannot hold is left out. */
function quoted(value: string): string {
  return `"${value.replaceAll(/[^\t\x20-\x7e]/g, '').replaceAll(/["\\]/g, '\\$&')}"`;
}
