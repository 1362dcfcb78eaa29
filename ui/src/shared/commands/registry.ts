import { GROUPS } from "./command";
import type { Command } from "./command";

/** The commands of every part of the window that is on the screen. */
export class Registry {
  readonly #lists = new Map<symbol, readonly Command[]>();
  readonly #hearers = new Set<() => void>();
  #all: readonly Command[] | null = null;

  /** Puts a part's commands in place of its earlier ones. */
  put(part: symbol, commands: readonly Command[]): void {
    this.#lists.set(part, commands);
    this.#changed();
  }

  remove(part: symbol): void {
    this.#lists.delete(part);
    this.#changed();
  }

  /** Every command once, by group; the same array until something changes. */
  all = (): readonly Command[] => {
    if (this.#all === null) {
      const byId = new Map([...this.#lists.values()].flat().map((command) => [command.id, command]));
      this.#all = GROUPS.flatMap((group) => [...byId.values()].filter((command) => command.group === group));
    }
    return this.#all;
  };

  subscribe = (hearer: () => void): (() => void) => {
    this.#hearers.add(hearer);
    return () => this.#hearers.delete(hearer);
  };

  #changed(): void {
    this.#all = null;
    this.#hearers.forEach((hearer) => hearer());
  }
}
