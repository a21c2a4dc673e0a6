import description from '../package.json' with { type: 'json' };

const { name, version } = description;

/** Name and version as the package says them. */
export const PRODUCT_INFO = { name, version } as const;
