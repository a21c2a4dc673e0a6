/** One character, or one of a class of them. */
const ATOM = /\\[dDwWsS./\\^$+*?()[\]{}|-]|\[(?:[^\\\]]|\\.)*\]|\.|[^\\[\](){}|*+?^$.]/uy;
const QUANTIFIER = /[*+?]|\{\d{1,3}(?:,\d{0,3})?\}/y;
const FIXED = /^\{\d+\}$/;
/** A longer one takes its time before it has read a single character. */
const LONGEST = 256;

/**
 * Whether a regular expression cannot take longer than its text is long: it begins at the beginning, is one character
 * after the other, and of no more than one of them it is open how often it comes. Others may be harmless as well.
 */
export function isPlainPattern(pattern: string): boolean {
  if (!pattern.startsWith('^') || pattern.length > LONGEST) return false;
  let open = 0;
  let at = 1;
  while (at < pattern.length && !(pattern[at] === '$' && at === pattern.length - 1)) {
    const atom = matchAt(ATOM, pattern, at);
    if (atom === '') return false;
    at += atom.length;
    const quantifier = matchAt(QUANTIFIER, pattern, at);
    at += quantifier.length;
    if (quantifier !== '' && !FIXED.test(quantifier) && ++open > 1) return false;
  }
  return true;
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
