/** How configuration says what era a server is of (`era`). */
export const CONFIGURED_ERAS = ['auto', 'legacy', 'modern'] as const;
export type ConfiguredEra = (typeof CONFIGURED_ERAS)[number];
