import { Doc, IsDuration } from '../extension/index.js';
import { Section } from './section.js';

/** Both legs keep to it. */
@Section('middleware.timeout')
export class TimeoutSection {
  @Doc('How long a whole exchange may take, from the request to its reply.')
  @IsDuration({ min: 1 })
  readonly request: number = 60_000;

  @Doc('How long one attempt on one server may take.')
  @IsDuration({ min: 1 })
  readonly upstream: number = 60_000;

  @Doc(
    'How long a client may take to answer what a server asks of it: sampling, elicitation, roots. The requests that it may be asked for wait as long, and then have their full time again.',
  )
  @IsDuration({ min: 1 })
  readonly input: number = 10 * 60_000;
}
