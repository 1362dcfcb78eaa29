/** The parts of the palette and of the sheet of shortcuts, in their order. */
export const GROUPS = ["message", "list", "write", "go", "account", "view", "settings", "help"] as const;

export type CommandGroup = (typeof GROUPS)[number];

/** Something that the person can do, wherever it is asked for: in the palette, by a key, in the sheet of shortcuts. */
export interface Command {
  /** Its own, `message.archive`. Of two commands with one id the one that was registered last counts. */
  id: string;
  /** What it does, in the reader's language. */
  title: string;
  group: CommandGroup;
  /** Keys that run it, the one to print first: `Mod+K` (Ctrl, on a Mac ⌘), `Shift+ArrowDown`, `e`, `#`, `Delete`. */
  keys?: readonly string[];
  run: () => void;
  /** False where it makes no sense at the moment: its keys rest and the palette leaves it out. */
  enabled?: boolean;
  /** What tells it from others of the same title: an account's address. */
  hint?: string;
  /** True for what is only a key, such as the arrows: the palette leaves it out. */
  isKeyOnly?: boolean;
  /** True when its keys work while a sheet has the focus. */
  inDialog?: boolean;
}

export function isEnabled(command: Command): boolean {
  return command.enabled ?? true;
}
