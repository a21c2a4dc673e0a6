/** What the command line says about logs. It wins over the configuration. */
export interface LoggingOptions {
  /** `--log-level` */
  readonly level?: string | undefined;
  /** `--dev`: readable lines wherever they go. */
  readonly readable?: boolean | undefined;
}

/** Bound by the top level; nothing is overridden where it is not. */
export const LOGGING_OPTIONS = Symbol('LoggingOptions');
