import { CircleAlert, CircleCheck, CircleDashed, Hand } from "lucide-react";
import { FormattedMessage, useIntl } from "react-intl";

import type { ReceiptLineView, RemovalReceipt } from "../../ipc/contract";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { errorText } from "../../shared/errors/text";
import { ExternalLink } from "../../shared/ExternalLink";
import { CopyButton } from "../../shared/CopyButton";
import { lineWords, outcomeOf, receiptText } from "./receiptText";
import type { Outcome } from "./receiptText";
import styles from "./RemoveSheet.module.css";

const SIGNS = { gone: CircleCheck, stays: CircleDashed, by_hand: Hand, left: CircleAlert };

/** What went with an account and what stays, each looked at. */
export function Receipt({ receipt, onClose }: { receipt: RemovalReceipt; onClose: () => void }) {
  const intl = useIntl();
  return (
    <>
      {receipt.was_resumed && (
        <p>
          <FormattedMessage id="settings.receipt.resumed" />
        </p>
      )}
      <ul className={styles.receipt}>
        {receipt.lines.map((line) => (
          <Line key={line.what} line={line} />
        ))}
      </ul>
      <p>
        <FormattedMessage id="settings.receipt.server" values={{ server: receipt.server ?? "none" }} />
      </p>
      <Buttons>
        <Button look="primary" onClick={onClose}>
          <FormattedMessage id="app.close" />
        </Button>
        <CopyButton text={receiptText(intl, receipt)}>
          <FormattedMessage id="settings.receipt.copy" />
        </CopyButton>
      </Buttons>
    </>
  );
}

function Line({ line }: { line: ReceiptLineView }) {
  const intl = useIntl();
  const outcome: Outcome = outcomeOf(line);
  const Sign = SIGNS[outcome];
  const { what, became } = lineWords(intl, line);
  return (
    <li className={styles.line} data-outcome={outcome}>
      <Sign size={16} aria-hidden />
      <div>
        <p>
          {what}: <span className={styles.became}>{became}</span>
        </p>
        {line.error !== null && <p className={styles.reason}>{errorText(intl, line.error).title}.</p>}
        {line.page !== null && <ExternalLink url={line.page} id="settings.receipt.page" />}
      </div>
    </li>
  );
}
