/** A class whose properties say what configuration may hold, with their defaults. */
export type ShapeClass<T extends object = object> = new () => T;
