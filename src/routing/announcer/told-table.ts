import type { Stay } from '../../core/exchange.js';
import { Told } from './told.js';

/**
 * What was told on each route, to everybody or to those of one key: kept until the last who asked has left. And what
 * was told to each of those who listen.
 */
export class ToldTable {
  private readonly byRoute = new Map<string, Map<string | undefined, Told>>();
  private readonly listening = new Set<Told>();

  get isEmpty(): boolean {
    return this.byRoute.size === 0 && this.listening.size === 0;
  }

  routes(): string[] {
    return [...new Set([...this.byRoute.keys(), ...Array.from(this.listening, ({ route }) => route)])];
  }

  /** What was told to whoever asked, on one route as it is now. */
  on(route: string): Told[] {
    return [...(this.byRoute.get(route)?.values() ?? [])];
  }

  all(): Told[] {
    return [...[...this.byRoute.keys()].flatMap((route) => this.on(route)), ...this.listening];
  }

  /** What was told to those who listen. */
  listened(): Told[] {
    return [...this.listening];
  }

  /** What was told to those who listen on one route. */
  *listeningOn(route: string): Iterable<Told> {
    for (const told of this.listening) if (told.route === route) yield told;
  }

  /** Enters one who listens. Returns how to take it out. */
  listen(told: Told): () => void {
    this.listening.add(told);
    return () => this.listening.delete(told);
  }

  get(route: string, key: string | undefined): Told | undefined {
    return this.byRoute.get(route)?.get(key);
  }

  /** What was told under a key, for one who asks now. */
  open(route: string, key: string | undefined, stay: Stay): Told {
    const here = this.byRoute.get(route) ?? new Map<string | undefined, Told>();
    this.byRoute.set(route, here);
    const told = here.get(key) ?? new Told(route, key);
    here.set(key, told);
    if (!told.askers.has(stay)) {
      told.askers.add(stay);
      stay.onEnd(() => this.left(told, stay));
    }
    return told;
  }

  drop(told: Told): void {
    const here = this.byRoute.get(told.route);
    if (here?.get(told.key) !== told) return;
    here.delete(told.key);
    if (here.size === 0) this.byRoute.delete(told.route);
  }

  /** One of those who were told this is not any more. */
  left(told: Told, stay: Stay): void {
    told.askers.delete(stay);
    if (told.askers.size === 0) this.drop(told);
  }
}
