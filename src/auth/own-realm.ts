import type { AuthMethod } from './auth-method.js';

/** A place with credentials of its own: they are good nowhere else, and nobody else's are good there. */
export interface OwnRealm {
  /** The methods in force, by the names that they have in the configuration; empty where nobody can come in. */
  readonly methods: ReadonlyMap<string, AuthMethod>;
}
