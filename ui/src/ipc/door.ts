import type { Commands, EventView, WireError } from "./contract";

/** The name of a command of the core. */
export type CommandName = keyof Commands;

/** What a command is given. */
export type PayloadOf<K extends CommandName> = Commands[K]["payload"];

/** What a command answers. */
export type ReplyOf<K extends CommandName> = Commands[K]["reply"];

/** Where a saved file went. */
export interface SavedFile {
  /** The whole path, for showing. */
  path: string;
  /** Its size in bytes. */
  bytes: number;
}

/** The way to the core. The window's is `tauriDoor`; tests bring their own. */
export interface Door {
  /** Runs one command. A refusal is a `CallError`. */
  call<K extends CommandName>(name: K, payload: PayloadOf<K>): Promise<ReplyOf<K>>;
  /** Tells `handler` everything that happens from now on, until the function it returns is called. */
  listen(handler: (event: EventView) => void): () => void;
  /** Opens a web page in the reader's own browser; only `http:` and `https:` are taken. */
  openExternal(url: string): Promise<void>;
  /** Saves a message, or one of its attachments, in the folder for downloads under a name that is free. */
  saveDownload(id: number, part: string | undefined, filename: string): Promise<SavedFile>;
}

/** A command that failed, with the facts that its sentence is made of. */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly wire: WireError;

  constructor(wire: WireError) {
    super(`${wire.code}: ${wire.detail}`);
    this.wire = wire;
  }
}

/** The wire error of anything that was thrown; what is none is an internal fault. */
export function wireOf(error: unknown): WireError {
  if (error instanceof CallError) {
    return error.wire;
  }
  const detail = error instanceof Error ? error.message : String(error);
  return { code: "internal", fixer: "mailroom", params: {}, detail };
}
