import { basename, extname } from 'node:path';

const MARK = /\.worker-(\d+)(?=\.|$)/;

/** The file of one worker: `audit.worker-2.jsonl` for `audit.jsonl`. That of a process that serves alone is as configured. */
export function fileOfWorker(file: string, slot: number | undefined): string {
  if (slot === undefined) return file;
  const extension = extname(file);
  return `${file.slice(0, file.length - extension.length)}.worker-${slot}${extension}`;
}

/** Files by the chains that they are of: each worker has its own, and tells its number in their names. */
export function filesByChain(files: readonly string[]): readonly (readonly string[])[] {
  return [...Map.groupBy(files, (file) => MARK.exec(basename(file))?.[1] ?? '').values()];
}
