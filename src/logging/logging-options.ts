/** What the command line and the process say about logs. It wins over the configuration. */
export interface LoggingOptions {
  /** `--log-level` */
  readonly level?: string | undefined;
  /** `--dev`: readable lines wherever they go. */
  readonly readable?: boolean | undefined;
  /** The number of the worker that this process is, for every line; undefined where it serves alone. */
  readonly worker?: number | undefined;
}

/** Bound by the top level; nothing is overridden where it is not. */
export const LOGGING_OPTIONS = Symbol('LoggingOptions');
