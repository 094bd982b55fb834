/** Timers by name: setting one replaces it, and all can be cleared together. */

export class Timers<Name extends string> {
  readonly #running = new Map<Name, ReturnType<typeof setTimeout>>();

  /** Return whether a timer is set. */
  has(name: Name): boolean {
    return this.#running.has(name);
  }

  /** Run `action` after `delayMs`, replacing an earlier timer of this name. */
  set(name: Name, delayMs: number, action: () => void): void {
    this.clear(name);
    const timer = setTimeout(() => {
      this.#running.delete(name);
      action();
    }, delayMs);
    this.#running.set(name, timer);
  }

  /** Clear a timer. */
  clear(name: Name): void {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  /** Clear all timers. */
  clearAll(): void {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
