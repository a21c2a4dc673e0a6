/** What becomes of a tool whose description was compared with the approved one. */
export type PinVerdict =
  | { readonly action: 'show' }
  | { readonly action: 'hide' }
  /** The approved description is shown in place of the server's. */
  | { readonly action: 'replace'; readonly bytes: Buffer };

/**
 * Compares tools with what was approved (`mcp.lock`). Asked once for each list that a server told, before anything of
 * it is shown.
 */
export interface Pins {
  /**
   * The same for the same approvals and settings: what was judged under another mark has to be judged again. Empty
   * where nothing is pinned and nobody has to be asked.
   */
  readonly mark: string;
  /** @param bytes the tool as its server describes it; @param name its own name */
  judge(group: string, name: string, bytes: Buffer): PinVerdict;
  /** Whether tools of the group may be kept from clients: then nothing but what is shown may be called. */
  confines(group: string): boolean;
  /** Calls back whenever the mark became another one. Returns how to stop. */
  listen(callback: () => void): () => void;
}

/** Bound by pinning. */
export const PINS = Symbol('Pins');

/** Where nothing is pinned. */
export const NO_PINS: Pins = {
  mark: '',
  judge: () => ({ action: 'show' }),
  confines: () => false,
  listen: () => () => undefined,
};
