import * as fc from 'fast-check';

import { FakeListens, type Question, type ServedListen } from '../../../../test/support/fake-listens.js';
import { GatewayError } from '../../../core/errors.js';
import type { JsonObject } from '../../../core/json.js';

const UPDATED = 'notifications/resources/updated';
const URIS = ['db://a', 'db://b', 'db://c'];
/** The server has never heard of it. */
const UNKNOWN = 'db://unknown';
const CAPABILITIES = { tools: { listChanged: true }, resources: { subscribe: true } };

type Step =
  | { readonly do: 'subscribe' | 'unsubscribe' | 'update'; readonly uri: string }
  | { readonly do: 'acknowledge' | 'refuse' | 'ignore' | 'change tools' }
  | { readonly do: 'end' | 'break' | 'cancel'; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };

const anyUri = fc.constantFrom(...URIS, UNKNOWN);
const which = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('subscribe' as const), uri: anyUri }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), uri: anyUri }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('update' as const), uri: fc.constantFrom(...URIS) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('acknowledge' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('refuse' as const, 'ignore' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('change tools' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('end' as const, 'break' as const, 'cancel' as const), which }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 10, 200, 11_000) }) },
);

/** Does what it is told, and remembers what a client would have to know. */
class Model {
  readonly fake = new FakeListens(CAPABILITIES);
  readonly questions: Question[] = [];
  /** What clients were told that they are subscribed to. */
  readonly subscribed = new Set<string>();
  /** What has changed of that, or of the lists, and has not been told. */
  readonly untold = new Set<string>();
  private readonly acknowledged = new Set<ServedListen>();
  private mostOpen = 0;

  constructor() {
    const { owner } = this.fake;
    const { listChanged, resourceUpdated } = owner;
    Object.assign(owner, {
      listChanged: (kind: 'tools') => {
        this.untold.delete(kind);
        listChanged(kind);
      },
      resourceUpdated: (params: Parameters<typeof resourceUpdated>[0]) => {
        this.untold.delete(params.text('uri') ?? '');
        resourceUpdated(params);
      },
    });
    this.fake.listening.start();
  }

  take(step: Step): void {
    if (step.do === 'subscribe' || step.do === 'unsubscribe') this.ask(step.do, step.uri);
    else if (step.do === 'update') this.update(step.uri);
    else if (step.do === 'change tools') this.changeTools();
    else if (step.do === 'wait') this.fake.clock.advance(step.ms);
    else if (step.do === 'acknowledge') this.acknowledge();
    else if (step.do === 'refuse') this.pending[0]?.refuse();
    else if (step.do === 'cancel') this.questions.at(-1 - step.which)?.abort.abort();
    else if (step.do === 'end') this.at(step.which)?.end();
    else if (step.do === 'break') this.at(step.which)?.break(new GatewayError('upstream_unavailable', 'broken'));
    this.mostOpen = Math.max(this.mostOpen, this.fake.open.length);
  }

  /** The server does what it is asked for, for a long while. */
  settle(): void {
    for (let times = 0; times < 100; times++) {
      this.acknowledge();
      this.fake.clock.advance(5_000);
    }
  }

  check(): void {
    const { fake, questions, subscribed, untold } = this;
    expect(questions.map(({ ends }) => ends)).toEqual(questions.map(() => 1));
    expect(this.mostOpen).toBeLessThanOrEqual(2);
    expect(fake.open).toHaveLength(1);
    expect(new Set(fake.open.flatMap(known))).toEqual(subscribed);
    expect(untold).toEqual(new Set());
    expect(fake.listening.wanted().uris).toEqual(subscribed);
  }

  private get pending(): ServedListen[] {
    return this.fake.open.filter((listen) => !this.acknowledged.has(listen));
  }

  private at(index: number): ServedListen | undefined {
    return this.fake.open[index % 2];
  }

  private ask(what: 'subscribe' | 'unsubscribe', uri: string): void {
    const { fake, subscribed, untold } = this;
    const question = Object.assign(fake.question(`resources/${what}`, { uri }), {
      deadline: fake.clock.now() + 30_000,
    });
    const done = question.done.bind(question);
    question.done = (reply) => {
      done(reply);
      if (what === 'subscribe' && reply.kind === 'result') subscribed.add(uri);
      else if (subscribed.delete(uri)) untold.delete(uri);
    };
    this.questions.push(question);
    fake.listening.take(question);
  }

  private acknowledge(): void {
    for (const listen of this.pending) {
      this.acknowledged.add(listen);
      listen.acknowledge({ ...listen.asked, resourceSubscriptions: known(listen) });
    }
  }

  private update(uri: string): void {
    if (this.subscribed.has(uri)) this.untold.add(uri);
    this.say(UPDATED, { uri }, (listen) => known(listen).includes(uri));
  }

  private changeTools(): void {
    this.untold.add('tools');
    this.say('notifications/tools/list_changed', {}, () => true);
  }

  private say(method: string, params: JsonObject, asks: (listen: ServedListen) => boolean): void {
    for (const listen of this.fake.open) {
      if (this.acknowledged.has(listen) && asks(listen)) listen.say(method, params);
    }
  }
}

/** The resources that are asked for and that the server has. */
function known({ asked }: ServedListen): string[] {
  const uris = (asked['resourceSubscriptions'] ?? []) as string[];
  return uris.filter((uri) => uri !== UNKNOWN);
}

describe('Listening, whatever happens in whatever order', () => {
  it('answers every question once, loses no change, and in the end listens for exactly what is wanted', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const model = new Model();
        for (const each of steps) model.take(each);
        model.settle();
        model.check();
      }),
      { numRuns: 200 },
    );
  });
});
