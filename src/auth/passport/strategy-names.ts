/** The names under which Passport knows the strategies, in the order in which a guard asks them. */
export const STRATEGY_NAMES = ['gateway-basic', 'gateway-api-key', 'gateway-other'] as const;
