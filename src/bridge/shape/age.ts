/** Whether a revision is older than another. Their names are dates, which sort as they stand. */
export function isBefore(revision: string, other: string): boolean {
  return revision < other;
}
