import { CloudUpload } from "lucide-react";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { OperationView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Sheet } from "../../shared/Sheet";
import styles from "./WaitingBar.module.css";
import { operationText } from "./waiting";

/** How many changes wait to reach the server; opens them. Nothing while nothing waits. */
export function WaitingBar() {
  const [isOpen, setOpen] = useState(false);
  const operations = useCommandQuery("operation_list", {});
  const count = operations.data?.length ?? 0;
  if (operations.error !== null) {
    return <ErrorNotice error={wireOf(operations.error)} />;
  }
  return (
    <>
      {count > 0 && (
        <button type="button" className={styles.bar} onClick={() => setOpen(true)}>
          <CloudUpload size={16} aria-hidden />
          <FormattedMessage id="mail.waiting.count" values={{ count }} />
        </button>
      )}
      {isOpen && <WaitingSheet operations={operations.data ?? []} onClose={() => setOpen(false)} />}
    </>
  );
}

interface WaitingSheetProps {
  operations: readonly OperationView[];
  onClose: () => void;
}

/** The changes that wait to reach the server, with what can be done about each and about all. */
function WaitingSheet({ operations, onClose }: WaitingSheetProps) {
  const intl = useIntl();
  const door = useDoor();
  const retry = useCommandMutation("operation_push");
  const discard = useCommandMutation("operation_discard");
  const [isAsking, setAsking] = useState(false);
  const [isDiscarding, setDiscarding] = useState(false);
  const discardAll = async () => {
    setAsking(false);
    setDiscarding(true);
    // One after the other: each is a change of its own, and the last one makes the screens ask again.
    const [last, ...others] = operations.map(({ id }) => id).toReversed();
    try {
      for (const id of others) {
        // oxlint-disable-next-line no-await-in-loop
        await door.call("operation_discard", { id });
      }
    } catch {
      // The last one says why.
    }
    if (last !== undefined) {
      discard.mutate({ id: last });
    }
    setDiscarding(false);
  };
  const failed = retry.error ?? discard.error;
  return (
    <Sheet title={intl.formatMessage({ id: "mail.waiting.title" })} onClose={onClose}>
      <p className={styles.note}>
        <FormattedMessage id={operations.length === 0 ? "mail.waiting.none" : "mail.waiting.note"} />
      </p>
      {failed !== null && <ErrorNotice error={wireOf(failed)} />}
      {operations.length > 1 && !isAsking && (
        <Buttons>
          <Button disabled={retry.isPending} onClick={() => retry.mutate({})}>
            <FormattedMessage id={retry.isPending ? "mail.waiting.trying" : "mail.waiting.retryAll"} />
          </Button>
          <Button look="danger" disabled={isDiscarding} onClick={() => setAsking(true)}>
            <FormattedMessage id="mail.waiting.giveUpAll" />
          </Button>
        </Buttons>
      )}
      {isAsking && (
        <div className={styles.question} role="group" aria-labelledby="waiting-question">
          <p id="waiting-question">
            <FormattedMessage id="mail.waiting.ask" values={{ count: operations.length }} />
          </p>
          <Buttons>
            <Button look="danger" onClick={() => void discardAll()}>
              <FormattedMessage id="mail.waiting.giveUpAll" />
            </Button>
            <Button onClick={() => setAsking(false)}>
              <FormattedMessage id="app.cancel" />
            </Button>
          </Buttons>
        </div>
      )}
      <ul className={styles.list}>
        {operations.map((operation) => (
          <OperationItem key={operation.id} operation={operation} />
        ))}
      </ul>
    </Sheet>
  );
}

function OperationItem({ operation }: { operation: OperationView }) {
  const retry = useCommandMutation("operation_push");
  const discard = useCommandMutation("operation_discard");
  const failed = retry.error ?? discard.error;
  return (
    <li className={styles.item}>
      <p className={styles.what}>
        <FormattedMessage id={operationText(operation.kind)} values={{ count: operation.messages }} />
      </p>
      <p className={styles.where}>
        {operation.account} · {operation.folder}
        {operation.attempts > 0 && (
          <>
            {" · "}
            <FormattedMessage id="mail.waiting.attempts" values={{ count: operation.attempts }} />
          </>
        )}
      </p>
      {operation.error !== null && <ErrorNotice error={operation.error} />}
      {failed !== null && <ErrorNotice error={wireOf(failed)} />}
      <Buttons>
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
      </Buttons>
    </li>
  );
}
