/** The upstream server of an exchange, as its lines name it. */
export interface GoldenServer {
  /** `G> [how] said` */
  hears(how: string, said: string): Promise<void>;
  /** `U< [how] said` */
  says(how: string, said: string): void;
  /** What the gateway said and nobody expected. */
  readonly rest: readonly string[];
  /** Waits until all that began with the exchange is over. */
  over(): Promise<void>;
}
