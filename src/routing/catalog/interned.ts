/** Equal things as one object, for as long as anybody uses it. */
export class Interned<T extends object> {
  private readonly refs = new Map<string, WeakRef<T>>();
  private readonly ends = new FinalizationRegistry<string>((key) => {
    if (!this.refs.get(key)?.deref()) this.refs.delete(key);
  });

  /** @param key the same for equal things, and for them alone */
  get(key: string): T | undefined {
    return this.refs.get(key)?.deref();
  }

  /** The one that is known by this key, else this one. */
  add(key: string, thing: T): T {
    const known = this.get(key);
    if (known) return known;
    this.refs.set(key, new WeakRef(thing));
    this.ends.register(thing, key);
    return thing;
  }
}
