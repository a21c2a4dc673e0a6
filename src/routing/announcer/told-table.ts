import type { Stay } from '../../core/exchange.js';
import { Told } from './told.js';

/** What was told on each route, to everybody or to those of one key: kept until the last who asked has left. */
export class ToldTable {
  private readonly byRoute = new Map<string, Map<string | undefined, Told>>();

  get isEmpty(): boolean {
    return this.byRoute.size === 0;
  }

  routes(): string[] {
    return [...this.byRoute.keys()];
  }

  /** All on one route as they are now. */
  on(route: string): Told[] {
    return [...(this.byRoute.get(route)?.values() ?? [])];
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

  private left(told: Told, stay: Stay): void {
    told.askers.delete(stay);
    if (told.askers.size === 0) this.drop(told);
  }
}
