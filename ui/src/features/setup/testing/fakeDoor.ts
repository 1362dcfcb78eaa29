import type { Commands, EventView } from "../../../ipc/contract";
import { CallError } from "../../../ipc/door";
import type { CommandName, Door, PayloadOf, ReplyOf } from "../../../ipc/door";
import { wire } from "./samples";

interface Waiting {
  name: CommandName;
  payload: unknown;
  resolve: (reply: unknown) => void;
  reject: (error: CallError) => void;
}

/** A core that answers when the test says so, and remembers what it was asked. */
export class FakeDoor implements Door {
  readonly opened: string[] = [];
  readonly asked: { name: CommandName; payload: unknown }[] = [];
  private waiting: Waiting[] = [];
  private readonly handlers = new Set<(event: EventView) => void>();

  call<K extends CommandName>(name: K, payload: PayloadOf<K>): Promise<ReplyOf<K>> {
    this.asked.push({ name, payload });
    return new Promise<ReplyOf<K>>((resolve, reject) => {
      this.waiting.push({ name, payload, resolve: resolve as (reply: unknown) => void, reject });
    });
  }

  listen(handler: (event: EventView) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  openExternal(url: string): Promise<void> {
    this.opened.push(url);
    return Promise.resolve();
  }

  saveDownload(): Promise<never> {
    return Promise.reject(new CallError(wire("internal")));
  }

  /** Tells every listener. */
  tell(event: EventView): void {
    this.handlers.forEach((handler) => handler(event));
  }

  /** Answers the oldest call of the command. */
  reply<K extends CommandName>(name: K, reply: Commands[K]["reply"]): void {
    this.take(name).resolve(reply);
  }

  /** Refuses the oldest call of the command. */
  refuse(name: CommandName, code: string, params = {}): void {
    this.take(name).reject(new CallError(wire(code, params)));
  }

  /** The last payload of the command. */
  payload(name: CommandName): unknown {
    return this.asked.findLast((call) => call.name === name)?.payload;
  }

  private take(name: CommandName): Waiting {
    const found = this.waiting.find((call) => call.name === name);
    if (found === undefined) {
      throw new Error(`nobody waits for ${name}`);
    }
    this.waiting = this.waiting.filter((call) => call !== found);
    return found;
  }
}
