/** Texts that are remembered at most: what servers can make up must not fill the memory or the log. */
const REMEMBERED = 1_000;

/** Says each text once, and nothing new once it has said very much. */
export function onceOnly(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return (text) => {
    if (said.has(text) || said.size >= REMEMBERED) return;
    said.add(text);
    say(text);
  };
}
