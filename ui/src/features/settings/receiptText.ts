import type { IntlShape } from "react-intl";

import { MESSAGES } from "../../i18n/messages";
import type { MessageKey } from "../../i18n/messages";
import type { ReceiptLineView, RemovalReceipt } from "../../ipc/contract";
import { errorText } from "../../shared/errors/text";
import { longDate, size } from "../../shared/quantity";

export type Outcome = "gone" | "stays" | "by_hand" | "left";

/** What became of it; what this version does not know counts as left, so that somebody looks. */
export function outcomeOf({ whereabouts }: Pick<ReceiptLineView, "whereabouts">): Outcome {
  return whereabouts === "gone" || whereabouts === "stays" || whereabouts === "by_hand"
    ? whereabouts
    : "left";
}

const isKey = (key: string): key is MessageKey => Object.hasOwn(MESSAGES.en, key);

/** A line of a receipt in words: what it was, and what became of it. */
export function lineWords(intl: IntlShape, line: ReceiptLineView): { what: string; became: string } {
  const key = `settings.receipt.what.${line.what}`;
  const values = { count: line.count, size: size(intl, line.bytes) };
  return {
    what: isKey(key) ? intl.formatMessage({ id: key }, values) : line.what,
    became: intl.formatMessage({ id: `settings.receipt.${outcomeOf(line)}` }),
  };
}

/** A receipt as text, to be kept elsewhere. */
export function receiptText(intl: IntlShape, receipt: RemovalReceipt): string {
  const title = receipt.keeps_mail ? "settings.remove.signedOut" : "settings.remove.done";
  return [
    intl.formatMessage({ id: title }, { address: receipt.address }),
    longDate(intl, receipt.at),
    "",
    ...receipt.lines.flatMap((line) => {
      const { what, became } = lineWords(intl, line);
      return [
        `${what}: ${became}`,
        ...(line.error === null ? [] : [`  ${errorText(intl, line.error).title}`]),
        ...(line.page === null ? [] : [`  ${line.page}`]),
      ];
    }),
    "",
    intl.formatMessage({ id: "settings.receipt.server" }, { server: receipt.server ?? "none" }),
    "",
  ].join("\n");
}
