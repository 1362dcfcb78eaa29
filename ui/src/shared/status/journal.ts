import type { IntlShape } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import { MESSAGES } from "../../i18n/messages";
import type { JournalEntryView } from "../../ipc/contract";
import { errorText } from "../errors/text";
import { OPERATIONS } from "./lines";

const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES.en, key);

/** What happened, in a sentence without its time. */
export function journalLine(intl: IntlShape, entry: JournalEntryView): string {
  const key = `journal.${entry.kind}`;
  const operation = OPERATIONS[entry.operation ?? ""];
  const words = isKey(key)
    ? intl.formatMessage(
        { id: key },
        {
          operation:
            operation === undefined ? (entry.operation ?? "") : intl.formatMessage({ id: operation }),
          server: serverOf(entry),
          proof: proofName(intl, entry.proof),
          count: entry.count ?? 0,
          error: entry.error === null ? "" : errorText(intl, entry.error).title,
        },
      )
    : entry.kind;
  return entry.times > 1 ? intl.formatMessage({ id: "journal.times" }, { words, count: entry.times }) : words;
}

function proofName(intl: IntlShape, proof: string | null): string {
  const key = `setup.proof.${proof ?? ""}`;
  return isKey(key) ? intl.formatMessage({ id: key }) : (proof ?? "");
}

function serverOf({ host, port }: JournalEntryView): string {
  return [host, port].filter((part) => part !== null).join(":");
}

const MOMENT = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
} as const;

/** A journal as plain text for whoever helps, oldest entry first. */
export function journalText(intl: IntlShape, address: string, entries: readonly JournalEntryView[]): string {
  const lines = entries.toReversed().map((entry) => {
    const began = intl.formatDate(entry.began_at, MOMENT);
    const ended = intl.formatDate(entry.ended_at, MOMENT);
    return `${began === ended ? began : `${began} – ${ended}`}  ${journalLine(intl, entry)}`;
  });
  return [address, ...lines, ""].join("\n");
}
