import { Injectable } from '@nestjs/common';

import { ConfigService } from '../config/index.js';
import type { ErrorCode } from '../core/error-table.js';
import { AuthSection } from './auth.section.js';
import { challenge } from './challenge.js';
import { ANONYMOUS_METHOD, MethodChoice } from './method-choice.js';
import type { Entrance } from './oauth/resources.js';

/** Why somebody is challenged, and where. */
export interface ChallengeCause {
  readonly route: string;
  readonly code: Extract<ErrorCode, 'auth_required' | 'auth_invalid' | 'auth_insufficient_scope'>;
  /** What was missing, with `auth_insufficient_scope`. */
  readonly scopes?: readonly string[];
  /** Where the request came in, where that is known. */
  readonly entrance?: Entrance;
}

/** What is to stand behind a scheme, by name; undefined leaves a parameter out. */
export type ChallengeParameters = (cause: ChallengeCause) => Readonly<Record<string, string | undefined>>;

/** RFC 6750, section 3.1. Nothing was wrong where nothing was shown. */
const BEARER_ERRORS: Readonly<Record<ChallengeCause['code'], string | undefined>> = {
  auth_required: undefined,
  auth_invalid: 'invalid_token',
  auth_insufficient_scope: 'insufficient_scope',
};

/**
 * What whoever is not let in is asked for: one challenge for each scheme of the methods in force on a route.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate
 */
@Injectable()
export class Challenges {
  private readonly extensions = new Map<string, Set<ChallengeParameters>>();

  constructor(
    private readonly config: ConfigService,
    private readonly choice: MethodChoice,
  ) {
    this.extend('Bearer', ({ code, scopes }) => ({ error: BEARER_ERRORS[code], scope: scopes?.join(' ') }));
  }

  /** Adds parameters to every challenge of a scheme; a later one wins over an earlier. Returns how to take it back. */
  extend(scheme: string, parameters: ChallengeParameters): () => void {
    const added = this.extensions.get(scheme) ?? new Set();
    this.extensions.set(scheme, added.add(parameters));
    return () => added.delete(parameters);
  }

  /** The headers of a 401, or of a 403 for lack of scope; in the shape that `HeaderedError` takes. */
  headersFor(cause: ChallengeCause): Readonly<Record<string, string>> {
    return { 'www-authenticate': this.valuesFor(cause).join(', ') };
  }

  /** Each challenge by itself, in the order of the methods. */
  valuesFor(cause: ChallengeCause): readonly string[] {
    const names = this.choice.of(cause.route, this.config.get(AuthSection));
    const asked = new Map(
      names
        .filter((name) => name !== ANONYMOUS_METHOD)
        .map((name) => this.choice.traits(name))
        .map(({ scheme, parameters }) => [scheme, parameters ?? {}] as const),
    );
    return Array.from(asked, ([scheme, parameters]) =>
      challenge(scheme, { ...parameters, ...this.added(scheme, cause) }),
    );
  }

  private added(scheme: string, cause: ChallengeCause): Record<string, string | undefined> {
    const added = [...(this.extensions.get(scheme) ?? [])];
    return Object.assign({}, ...added.map((parameters) => parameters(cause))) as Record<string, string | undefined>;
  }
}
