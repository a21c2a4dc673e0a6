const MIN_BYTES = 32;
const MIN_DIFFERENT = 8;

/** Words that stand in documentation, examples and tutorials where a secret belongs. */
const PLACEHOLDER =
  /your[-_ ]|change[-_ ]?me|replace[-_ ]?(me|this|with)|placeholder|example|at[-_ ]least[-_ ](32|256)/i;
const ONLY_WORDS =
  /^(a|my|the|jwt|super|top|very|secret|password|passw0rd|key|token|admin|default|test|dev|[-_ .!\d])+$/i;

/** Why a text is no secret to sign tokens with; undefined when it is one. Never repeats the text. */
export function secretProblem(secret: string): string | undefined {
  const what = whatIsWrong(secret);
  return what === undefined
    ? undefined
    : `${what}; make one with \`openssl rand -base64 48\` and hand it over as MCP_GATEWAY_JWT_SECRET, "\${NAME}" or "\${file:/path}"`;
}

function whatIsWrong(secret: string): string | undefined {
  if (PLACEHOLDER.test(secret) || ONLY_WORDS.test(secret)) return 'is a placeholder that everybody knows';
  if (Buffer.byteLength(secret) < MIN_BYTES) return `is shorter than ${MIN_BYTES} bytes and can be guessed`;
  if (new Set(secret).size < MIN_DIFFERENT) return 'hardly has any different characters and can be guessed';
  return undefined;
}
