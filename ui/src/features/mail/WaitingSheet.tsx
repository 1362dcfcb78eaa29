import { useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { OperationView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import type { SortedOperations } from "../../shared/operations";
import { Sheet } from "../../shared/Sheet";
import { useFolders } from "./useFolders";
import type { AccountFolders } from "./useFolders";
import styles from "./WaitingBar.module.css";
import { operationText, refusalText, subjectsOf } from "./waiting";

interface WaitingSheetProps extends SortedOperations<OperationView> {
  onClose: () => void;
}

type FoldersOf = (address: string) => AccountFolders;

function titleOf({ waiting, refused }: SortedOperations<OperationView>): MessageKey {
  if (refused.length === 0) {
    return "mail.waiting.title";
  }
  return waiting.length === 0 ? "mail.refused.title" : "mail.waiting.both";
}

/** The changes that wait to reach the server and those that it refused, with what can be done about each and about all. */
export function WaitingSheet({ waiting, refused, onClose }: WaitingSheetProps) {
  const intl = useIntl();
  const addresses = [...new Set([...waiting, ...refused].map(({ account }) => account))];
  const foldersOf = useFolders(addresses.map((address) => ({ address })));
  const hasBoth = waiting.length > 0 && refused.length > 0;
  return (
    <Sheet title={intl.formatMessage({ id: titleOf({ waiting, refused }) })} onClose={onClose}>
      {refused.length > 0 && (
        <Group title={hasBoth ? "mail.refused.title" : null} note="mail.refused.note">
          <Refused operations={refused} foldersOf={foldersOf} />
        </Group>
      )}
      {(waiting.length > 0 || refused.length === 0) && (
        <Group
          title={hasBoth ? "mail.waiting.title" : null}
          note={waiting.length === 0 ? "mail.waiting.none" : "mail.waiting.note"}
        >
          <Waiting operations={waiting} foldersOf={foldersOf} />
        </Group>
      )}
    </Sheet>
  );
}

/** Changes of one kind. Their name stands over them where there are others. */
function Group({
  title,
  note,
  children,
}: {
  title: MessageKey | null;
  note: MessageKey;
  children: ReactNode;
}) {
  return (
    <section className={styles.group}>
      {title !== null && (
        <h3>
          <FormattedMessage id={title} />
        </h3>
      )}
      <p className={styles.note}>
        <FormattedMessage id={note} />
      </p>
      {children}
    </section>
  );
}

interface ListProps {
  operations: readonly OperationView[];
  foldersOf: FoldersOf;
}

/** Discards several changes. */
function useDiscardAll(operations: readonly OperationView[]) {
  const door = useDoor();
  const discard = useCommandMutation("operation_discard");
  const [isDiscarding, setDiscarding] = useState(false);
  const run = async () => {
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
  return { run, isDiscarding, error: discard.error };
}

function Waiting({ operations, foldersOf }: ListProps) {
  const retry = useCommandMutation("operation_push");
  const all = useDiscardAll(operations);
  const [isAsking, setAsking] = useState(false);
  const failed = retry.error ?? all.error;
  return (
    <>
      {failed !== null && <ErrorNotice error={wireOf(failed)} />}
      {operations.length > 1 && !isAsking && (
        <Buttons>
          <Button disabled={retry.isPending} onClick={() => retry.mutate({})}>
            <FormattedMessage id={retry.isPending ? "mail.waiting.trying" : "mail.waiting.retryAll"} />
          </Button>
          <Button look="danger" disabled={all.isDiscarding} onClick={() => setAsking(true)}>
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
            <Button
              look="danger"
              onClick={() => {
                setAsking(false);
                void all.run();
              }}
            >
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
          <WaitingItem key={operation.id} operation={operation} foldersOf={foldersOf} />
        ))}
      </ul>
    </>
  );
}

/** What the server refused needs nobody's question before it leaves the list: nothing changes by that. */
function Refused({ operations, foldersOf }: ListProps) {
  const all = useDiscardAll(operations);
  return (
    <>
      {all.error !== null && <ErrorNotice error={wireOf(all.error)} />}
      {operations.length > 1 && (
        <Buttons>
          <Button disabled={all.isDiscarding} onClick={() => void all.run()}>
            <FormattedMessage id="mail.refused.dismissAll" />
          </Button>
        </Buttons>
      )}
      <ul className={styles.list}>
        {operations.map((operation) => (
          <RefusedItem key={operation.id} operation={operation} foldersOf={foldersOf} />
        ))}
      </ul>
    </>
  );
}

interface ItemProps {
  operation: OperationView;
  foldersOf: FoldersOf;
}

function useFolderNames({ operation, foldersOf }: ItemProps) {
  const intl = useIntl();
  const { lines } = foldersOf(operation.account);
  const lineOf = (path: string) => lines.find(({ folder }) => folder.path === path);
  return {
    role: lineOf(operation.folder)?.role ?? null,
    nameOf: (path: string) => {
      const name = lineOf(path)?.name ?? { text: path };
      return "id" in name ? intl.formatMessage(name) : name.text;
    },
  };
}

/** What a change does, to which messages and where. */
function What({ operation, foldersOf }: ItemProps) {
  const intl = useIntl();
  const { role, nameOf } = useFolderNames({ operation, foldersOf });
  const target = operation.to_folder;
  const { subjects, others } = subjectsOf(operation);
  const named = subjects.map((subject) => intl.formatMessage({ id: "mail.operation.subject" }, { subject }));
  const more = others > 0 ? [intl.formatMessage({ id: "mail.operation.more" }, { count: others })] : [];
  return (
    <>
      <p className={styles.what}>
        <FormattedMessage
          id={operationText(operation.kind, role, target !== null)}
          values={{ count: operation.messages, folder: target === null ? "" : nameOf(target) }}
        />
      </p>
      {named.length > 0 && <p>{[...named, ...more].join(", ")}</p>}
      <p className={styles.where}>
        {operation.account} · {nameOf(operation.folder)}
        {operation.attempts > 0 && operation.state !== "refused" && (
          <>
            {" · "}
            <FormattedMessage id="mail.waiting.attempts" values={{ count: operation.attempts }} />
          </>
        )}
      </p>
    </>
  );
}

function WaitingItem({ operation, foldersOf }: ItemProps) {
  const retry = useCommandMutation("operation_push");
  const discard = useCommandMutation("operation_discard");
  const failed = retry.error ?? discard.error;
  return (
    <li className={styles.item}>
      <What operation={operation} foldersOf={foldersOf} />
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

function RefusedItem({ operation, foldersOf }: ItemProps) {
  const discard = useCommandMutation("operation_discard");
  return (
    <li className={styles.item}>
      <What operation={operation} foldersOf={foldersOf} />
      {operation.error !== null && <ErrorNotice error={operation.error} />}
      <p>
        <FormattedMessage id={refusalText(operation.kind)} values={{ count: operation.messages }} />
      </p>
      {discard.error !== null && <ErrorNotice error={wireOf(discard.error)} />}
      <Buttons>
        <Button disabled={discard.isPending} onClick={() => discard.mutate({ id: operation.id })}>
          <FormattedMessage id="mail.refused.dismiss" />
        </Button>
      </Buttons>
    </li>
  );
}
