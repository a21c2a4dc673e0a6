import type { IncomingHttpHeaders } from 'node:http';

import type { GoldenMemory } from './golden-memory.ts';
import type { GoldenServer } from './golden-server.ts';
import type { ScriptedSession } from './scripted-session.ts';
import type { ScriptedSessions } from './scripted-sessions.ts';
import { until } from './until.ts';

/** The sessions of an upstream server as they are named in an exchange. `shared` is the one that was there first. */
export class GoldenUpstream implements GoldenServer {
  private readonly named = new Map<string, ScriptedSession>();
  /** Sessions that are not of this exchange. */
  private readonly before: ReadonlySet<ScriptedSession>;

  /** @param lends whether sessions are used by one exchange after the other */
  constructor(
    private readonly server: ScriptedSessions,
    private readonly memory: GoldenMemory,
    private readonly lends = false,
  ) {
    const { sessions } = server;
    const shared = sessions.find(({ ended }) => !ended);
    this.before = new Set(lends ? [] : sessions);
    // What came of an exchange after its end.
    for (const each of lends ? sessions : [shared]) each?.inbox.clear();
    if (shared) this.named.set('shared', shared);
  }

  async hears(how: string, said: string): Promise<void> {
    const [who = '', headers = ''] = how.split(' | ');
    const [name = '', what] = who.split(' ');
    if (what === 'closes') return void (await until(() => this.named.get(name)!.ended, 'the session to end', 5_000));
    if (what === 'opens') {
      const session = await until(() => this.fresh(({ capabilities }) => capabilities !== undefined), 'a session');
      this.named.set(name, session);
      return this.memory.match(session.capabilities, JSON.parse(said), 'capabilities');
    }
    const session = this.named.get(name) ?? (await this.speaking(name));
    const spoken = what === 'any' ? await this.anyOf(session, said) : await session.inbox.next();
    this.memory.compare(spoken.text, said);
    for (const header of headers.split(' ; ').filter((header) => header !== '')) {
      const [key = '', value = ''] = header.split(': ');
      this.memory.compareText(spoken.headers[key.toLowerCase()], value, key);
    }
  }

  says(how: string, said: string): void {
    const [name = '', what, ...fields] = how.split(' ');
    const session = this.named.get(name);
    if (!session) throw new Error(`nobody is ${name}`);
    if (what === 'drops') session.voice.drop();
    else if (what === 'ends') session.voice.end();
    else if (what === 'event') session.voice.event(fields, said === '∅' ? '' : said);
    else if (what === 'own') session.voice.sayOwn(said);
    else if (what !== undefined) session.voice.refuse(Number(what), JSON.parse(said));
    else session.say(said);
  }

  /** The first message that is the one written, whatever came before it. */
  private async anyOf(
    { inbox }: ScriptedSession,
    said: string,
  ): Promise<{ text: string; headers: IncomingHttpHeaders }> {
    const others = [];
    for (;;) {
      const spoken = await inbox.next();
      try {
        this.memory.compare(spoken.text, said);
        inbox.putBack(others);
        return spoken;
      } catch {
        others.push(spoken);
      }
    }
  }

  /** What the gateway said and nobody expected. */
  get rest(): string[] {
    const ours = this.server.sessions.filter((session) => this.isOurs(session));
    return ours.flatMap(({ inbox }) => inbox.rest.map(({ text }) => text));
  }

  /** Waits until the sessions of this exchange are over. */
  async over(): Promise<void> {
    if (this.lends) return;
    const open = (): boolean => this.server.sessions.some((session) => !this.before.has(session) && !session.ended);
    await until(() => !open(), 'the own sessions to end', 5_000);
  }

  private async speaking(name: string): Promise<ScriptedSession> {
    const session = await until(() => this.fresh(({ inbox }) => inbox.rest.length > 0), `${name} to speak`, 5_000);
    this.named.set(name, session);
    return session;
  }

  private fresh(is: (session: ScriptedSession) => boolean): ScriptedSession | undefined {
    const taken = new Set(this.named.values());
    return this.server.sessions.find((each) => !this.before.has(each) && !taken.has(each) && is(each));
  }

  private isOurs(session: ScriptedSession): boolean {
    return !this.before.has(session) || this.named.get('shared') === session;
  }
}
