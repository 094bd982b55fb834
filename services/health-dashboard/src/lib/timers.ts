/** Timers by name, so that setting one again replaces it and all can be forgotten at once. */

export class Timers<Name extends string> {
  readonly #running = new Map<Name, ReturnType<typeof setTimeout>>();

  /** Whether a timer waits. */
  has(name: Name): boolean {
    return this.#running.has(name);
  }

  /** Runs `action` after `delayMs`, in place of what the name stood for. */
  set(name: Name, delayMs: number, action: () => void): void {
    this.clear(name);
    const timer = setTimeout(() => {
      this.#running.delete(name);
      action();
    }, delayMs);
    this.#running.set(name, timer);
  }

  /** Forgets a timer. */
  clear(name: Name): void {
    clearTimeout(this.#running.get(name));
    this.#running.delete(name);
  }

  /** Forgets all. */
  clearAll(): void {
    for (const name of [...this.#running.keys()]) this.clear(name);
  }
}
