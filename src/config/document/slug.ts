const MAX_LENGTH = 32;

/**
 * Group names for names from elsewhere: each matches `^[a-z][a-z0-9-]{0,31}$`, and no two are equal. The
 * same names in the same order always give the same slugs; a name that is a slug already is its own.
 */
export function slugs(names: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(names.filter((name) => slug(name) === name));
  return new Map(
    names.map((name) => {
      const wanted = slug(name);
      if (wanted === name) return [name, name];
      const free = firstFree(wanted, taken);
      taken.add(free);
      return [name, free];
    }),
  );
}

function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-');
  const trimmed = trim(plain);
  return trim((/^[a-z]/.test(trimmed) ? trimmed : `server-${trimmed}`).slice(0, MAX_LENGTH));
}

function trim(text: string): string {
  return text.replace(/^-+/, '').replace(/-+$/, '');
}

function firstFree(wanted: string, taken: ReadonlySet<string>): string {
  let candidate = wanted;
  for (let number = 2; taken.has(candidate); number++) {
    const suffix = `-${number}`;
    candidate = trim(wanted.slice(0, MAX_LENGTH - suffix.length)) + suffix;
  }
  return candidate;
}
