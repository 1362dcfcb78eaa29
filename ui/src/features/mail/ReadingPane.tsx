import { ArrowLeft, MailOpen } from "lucide-react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { Blank } from "../../shared/Blank";
import { Button, IconButton } from "../../shared/Button";
import { onMac, printedKeys } from "../../shared/commands/keys";
import { Conversation } from "./Conversation";
import { KEYS } from "./keys";
import type { Reading } from "./Message";
import { SingleMessage } from "./Message";
import styles from "./ReadingPane.module.css";
import type { Answers, RowActions } from "./rowActions";
import { Toolbar } from "./Toolbar";

interface ReadingPaneProps {
  /** The row that is read; `null` for none, or while several are chosen. */
  row: MessageRow | null;
  actions: RowActions;
  answers: Answers | null;
  /** True while single keys may be used. */
  singleKeys: boolean;
  /** True while rows are ticked or several are chosen. */
  isMany: boolean;
  reading: Reading;
  onBack: () => void;
  onUnselect: () => void;
}

/** What is read: a message, a conversation, or how many rows are chosen; with what can be done with it. */
export function ReadingPane(props: ReadingPaneProps) {
  const { row, actions, answers, isMany, reading, onBack } = props;
  const intl = useIntl();
  return (
    <section className={styles.pane} aria-label={intl.formatMessage({ id: "mail.message" })}>
      <div className={styles.bar}>
        <IconButton className={styles.back} label={intl.formatMessage({ id: "mail.back" })} onClick={onBack}>
          <ArrowLeft size={18} aria-hidden />
        </IconButton>
        {(row !== null || isMany) && <Toolbar actions={actions} answers={isMany ? null : answers} />}
      </div>
      {isMany && (
        <div className={styles.many}>
          <p className={styles.number}>{intl.formatNumber(actions.count)}</p>
          <p role="status">
            <FormattedMessage id="mail.selected" values={{ count: actions.count }} />
          </p>
          <Button onClick={props.onUnselect}>
            <FormattedMessage id="mail.selected.clear" />
          </Button>
        </div>
      )}
      {!isMany && row === null && <NoMessage singleKeys={props.singleKeys} />}
      {!isMany && row !== null && row.thread !== null && (
        <Conversation key={row.thread_id} row={row} reading={reading} />
      )}
      {!isMany && row !== null && row.thread === null && (
        <SingleMessage key={row.id} id={row.id} isDraft={reading.isDraft(row)} reading={reading} />
      )}
    </section>
  );
}

const key = (keys: string): ReactNode => <kbd key={keys}>{printedKeys(keys, onMac)}</kbd>;

function NoMessage({ singleKeys }: { singleKeys: boolean }) {
  const intl = useIntl();
  return (
    <Blank icon={<MailOpen size={28} aria-hidden />} title={intl.formatMessage({ id: "mail.none.title" })}>
      <p>
        <FormattedMessage
          id="mail.none.help"
          values={{
            next: key(singleKeys ? "j" : "ArrowDown"),
            previous: key(singleKeys ? "k" : "ArrowUp"),
            search: key(singleKeys ? KEYS.search : "Mod+F"),
          }}
        />
      </p>
      <p>
        <FormattedMessage id="mail.none.palette" values={{ keys: key("Mod+K") }} />
      </p>
    </Blank>
  );
}
