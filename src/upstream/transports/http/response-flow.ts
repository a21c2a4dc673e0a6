import { type Pausable, Valve } from '../valve.js';

/**
 * How fast the response to one request is read: one after another, if the request is sent again. It is held
 * while anybody wants it so, from the start if it has not begun. Once a response is over its connection
 * belongs to another, so whoever is told of the end must say so here.
 */
export class ResponseFlow {
  private controller: Pausable | undefined;
  private valve: Valve | undefined;
  private held = false;

  begin(controller: Pausable): void {
    this.controller = controller;
    this.valve = undefined;
    if (this.held) this.open().hold();
  }

  /** So much was read of a response that may go on for ever. */
  took(bytes: number): void {
    if (this.controller) this.open().took(bytes, 0);
  }

  hold(): void {
    if (this.held) return;
    this.held = true;
    if (this.controller) this.open().hold();
  }

  release(): void {
    this.held = false;
    this.valve?.release();
  }

  end(): void {
    this.controller = undefined;
    this.valve?.close();
  }

  private open(): Valve {
    return (this.valve ??= new Valve(this.controller as Pausable));
  }
}
