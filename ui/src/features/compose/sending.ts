import type { AccountView, SettingsView } from "../../ipc/contract";
import { ownText } from "./content";
import type { Content } from "./content";
import { attachmentWord } from "./reminder";
import { readRecipient } from "./recipients";
import type { RecipientProblem } from "./recipients";

/** An address that messages can be written as. */
export interface Sender {
  account: string;
  address: string;
  name: string;
  /** The signature as HTML; empty for none. */
  signature: string;
}

/** The addresses to write as, by account; only of accounts that may send. */
export function sendersOf(accounts: readonly AccountView[]): { account: string; senders: Sender[] }[] {
  return accounts
    .filter(({ sending, smtp }) => sending && smtp !== null)
    .map(({ address: account, identities }) => ({
      account,
      senders:
        identities.length === 0
          ? [{ account, address: account, name: "", signature: "" }]
          : identities.map(({ address, name, signature }) => ({ account, address, name, signature })),
    }));
}

/** Why a message cannot be sent as it is. */
export type Stop =
  | { stop: "from" | "nobody" | "files" | "filesFailed" }
  | { stop: "address"; text: string; problem: RecipientProblem }
  | { stop: "large"; size: number; limit: number };

/** What to ask before a message is sent. */
export type Question = { ask: "subject" } | { ask: "attachment"; word: string };

interface Sendable {
  content: Content;
  /** Files that stand beside the text. */
  attachments: number;
  incoming: readonly { error: unknown }[];
  /** About the bytes of the whole message. */
  size: number;
  limit: number | null;
  /** Who may send; `null` while that is not known: then the core decides. */
  senders: readonly Sender[] | null;
}

/** What stands in the way of sending, most important first. */
export function stopsOf({ content, incoming, size, limit, senders }: Sendable): Stop[] {
  const { from, to, cc, bcc } = content;
  const stops: Stop[] = [];
  const everybody = [...to, ...cc, ...bcc].map(readRecipient);
  if (senders?.some(({ address }) => address.toLowerCase() === from.toLowerCase()) === false) {
    stops.push({ stop: "from" });
  }
  if (everybody.length === 0) {
    stops.push({ stop: "nobody" });
  }
  for (const { text, problem } of everybody) {
    if (problem !== null) {
      stops.push({ stop: "address", text, problem });
    }
  }
  if (incoming.length > 0) {
    stops.push({ stop: incoming.some(({ error }) => error !== null) ? "filesFailed" : "files" });
  }
  if (limit !== null && size > limit) {
    stops.push({ stop: "large", size, limit });
  }
  return stops;
}

/** What to ask before sending. */
export function questionsOf(
  { content, attachments }: Sendable,
  settings: Pick<SettingsView, "attachment_reminder">,
): Question[] {
  const questions: Question[] = [];
  if (content.subject.trim() === "") {
    questions.push({ ask: "subject" });
  }
  if (settings.attachment_reminder && attachments === 0) {
    const word = attachmentWord(`${content.subject}\n${ownText(content.body)}`);
    if (word !== null) {
      questions.push({ ask: "attachment", word });
    }
  }
  return questions;
}
