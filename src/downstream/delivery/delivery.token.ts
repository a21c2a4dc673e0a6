/** The `Delivery` of this worker; null in a process that serves alone, which has no part of it. */
export const DELIVERY = Symbol('Delivery');
