import type { AccountView, ArrivedView, EventView, SettingsView } from "../../ipc/contract";
import type { Scope } from "../mail/view";

/** A notification that is shown about an account's new messages, until they are seen to. */
export interface Announced {
  address: string;
  /** The messages that it stands for, newest first, as far as they were named. */
  messages: readonly ArrivedView[];
  /** How many they are in all. */
  count: number;
}

type Arrived = Extract<EventView, { event: "messages_arrived" }>;

/** What decides about a notification. */
export interface Facts {
  settings: Pick<SettingsView, "notify">;
  account: Pick<AccountView, "notify"> | undefined;
  /** True while the window has the keyboard. */
  isFocused: boolean;
  /** The folder on the screen; `null` when none is. */
  scope: Scope | null;
}

/** Folders whose new messages are nobody's news: the person's own, and what is thrown away. */
const QUIET = new Set(["sent", "drafts", "junk", "trash", "outbox", "templates"]);

/** True when new messages are worth a notification. */
export function isNews(event: Arrived, { settings, account, isFocused, scope }: Facts): boolean {
  if (event.count === 0 || account === undefined) {
    return false;
  }
  const choice = account.notify === "default" ? settings.notify : account.notify;
  const isInbox = event.role === "inbox";
  const isWanted =
    choice === "inbox" ? isInbox : choice === "all" && !(event.role !== null && QUIET.has(event.role));
  return isWanted && !(isFocused && isOnScreen(event, scope));
}

/** True when the folder of the messages is the one on the screen. */
function isOnScreen({ address, folder, role }: Arrived, scope: Scope | null): boolean {
  if (scope === null) {
    return false;
  }
  const isFolder = scope.folder === folder || scope.folder === role;
  return isFolder && (scope.address === null || scope.address === address);
}

/** What is announced for an account after more came: one notification for all that nobody has seen to. */
export function grouped(before: Announced | undefined, event: Arrived): Announced {
  const known = new Set(event.messages.map(({ id }) => id));
  const older = (before?.messages ?? []).filter(({ id }) => !known.has(id));
  return {
    address: event.address,
    messages: [...event.messages, ...older].slice(0, 5),
    count: (before?.count ?? 0) + event.count,
  };
}

/** What is left of an announcement when some of its messages were read or went; `null` when nothing is. */
export function stillNew(announced: Announced, gone: ReadonlySet<number>): Announced | null {
  const messages = announced.messages.filter(({ id }) => !gone.has(id));
  const count = announced.count - (announced.messages.length - messages.length);
  return messages.length === 0 ? null : { ...announced, messages, count };
}

/** The name under which an account's notification is shown, taken back, and replaced. */
export function tagOf(address: string): string {
  return `arrived ${address}`;
}
