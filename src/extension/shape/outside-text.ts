/**
 * Text that did not stand in the file itself: an environment variable, or a value with `${…}` in it. It
 * has no type of its own, and takes that of the field it is for.
 */
export class OutsideText {
  constructor(
    readonly text: string,
    /** Never to be printed. */
    readonly secret: boolean,
  ) {}
}
