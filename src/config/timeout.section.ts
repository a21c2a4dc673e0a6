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
}
