import { CloudUpload } from "lucide-react";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { OperationView, OutboxView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Sheet } from "../../shared/Sheet";
import styles from "./WaitingBar.module.css";
import { operationText, outboxText } from "./waiting";

/** How many changes and messages wait to reach the server; opens them. Nothing while nothing waits. */
export function WaitingBar() {
  const intl = useIntl();
  const [isOpen, setOpen] = useState(false);
  const operations = useCommandQuery("operation_list", {});
  const outbox = useCommandQuery("outbox_list", {});
  const count = (operations.data?.length ?? 0) + (outbox.data?.length ?? 0);
  const error = operations.error ?? outbox.error;
  if (error !== null) {
    return <ErrorNotice error={wireOf(error)} />;
  }
  return (
    <>
      {count > 0 && (
        <button type="button" className={styles.bar} onClick={() => setOpen(true)}>
          <CloudUpload size={16} aria-hidden />
          <FormattedMessage id="mail.waiting.count" values={{ count }} />
        </button>
      )}
      {isOpen && (
        <Sheet title={intl.formatMessage({ id: "mail.waiting.title" })} onClose={() => setOpen(false)}>
          <p className={styles.note}>
            <FormattedMessage id={count === 0 ? "mail.waiting.none" : "mail.waiting.note"} />
          </p>
          <ul className={styles.list}>
            {outbox.data?.map((entry) => (
              <OutboxItem key={entry.id} entry={entry} />
            ))}
            {operations.data?.map((operation) => (
              <OperationItem key={operation.id} operation={operation} />
            ))}
          </ul>
        </Sheet>
      )}
    </>
  );
}

function OperationItem({ operation }: { operation: OperationView }) {
  const retry = useCommandMutation("sync_run");
  const discard = useCommandMutation("operation_discard");
  const failed = retry.error ?? discard.error;
  return (
    <li className={styles.item}>
      <p className={styles.what}>
        <FormattedMessage id={operationText(operation.kind)} values={{ count: operation.messages }} />
      </p>
      <p className={styles.where}>
        {operation.account} · {operation.folder}
      </p>
      {operation.error !== null && <ErrorNotice error={operation.error} />}
      {failed !== null && <ErrorNotice error={wireOf(failed)} />}
      <div className={styles.actions}>
        <Button disabled={retry.isPending} onClick={() => retry.mutate({ address: operation.account })}>
          <FormattedMessage id={retry.isPending ? "mail.waiting.trying" : "mail.waiting.retry"} />
        </Button>
        <Button
          look="danger"
          disabled={discard.isPending}
          onClick={() => discard.mutate({ id: operation.id })}
        >
          <FormattedMessage id="mail.waiting.giveUp" />
        </Button>
      </div>
    </li>
  );
}

function OutboxItem({ entry }: { entry: OutboxView }) {
  const retry = useCommandMutation("outbox_retry");
  const discard = useCommandMutation("outbox_discard");
  const failed = retry.error ?? discard.error;
  return (
    <li className={styles.item}>
      <p className={styles.what}>
        {entry.subject === "" ? <FormattedMessage id="mail.noSubject" /> : entry.subject}
      </p>
      <p className={styles.where}>
        <FormattedMessage id={outboxText(entry.state)} /> · {entry.to.join(", ")}
      </p>
      {entry.error !== null && <ErrorNotice error={entry.error} />}
      {failed !== null && <ErrorNotice error={wireOf(failed)} />}
      <div className={styles.actions}>
        <Button disabled={retry.isPending} onClick={() => retry.mutate({ id: entry.id })}>
          <FormattedMessage id={retry.isPending ? "mail.waiting.trying" : "mail.waiting.retry"} />
        </Button>
        <Button look="danger" disabled={discard.isPending} onClick={() => discard.mutate({ id: entry.id })}>
          <FormattedMessage id="mail.waiting.discard" />
        </Button>
      </div>
    </li>
  );
}
