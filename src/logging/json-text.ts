/** What JSON writes as `\u….`, as well as quotes and backslashes: all of it is left to `JSON.stringify`. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit >= 0xd800) return false;
  }
  return true;
}

/** Beyond so many UTF-16 units the engine is quicker than we are. */
const SHORT = 42;

/** A string as JSON, letter for letter as `JSON.stringify` writes it. */
export function quoted(text: string): string {
  return text.length <= SHORT && isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** What stands behind the whole milliseconds, by microseconds: `.5` for 500. */
const FRACTIONS = Array.from({ length: 1_000 }, (_, micros) => String(micros / 1_000).slice(1));
/** From here on there are too many digits for arithmetic to be exact. */
const LONGEST_MS = 1e9;

/** Milliseconds to three places, letter for letter as `JSON.stringify` writes the number. */
export function millisecondsText(ms: number): string {
  const micros = Math.round(ms * 1_000);
  if (!(ms >= 0 && ms < LONGEST_MS)) return JSON.stringify(micros / 1_000);
  const whole = Math.floor(micros / 1_000);
  return whole + (FRACTIONS[micros - whole * 1_000] as string);
}
