/** What this installation calls itself. Bound by the top level. */
export interface Product {
  /** `[gateway] name` */
  readonly name: string;
  /** Version of the package. */
  readonly version: string;
  /** `[gateway] environment` */
  readonly environment: string;
}

export const PRODUCT = Symbol('Product');
