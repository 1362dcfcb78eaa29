import { useMemo, useState } from "react";
import type { ReactNode } from "react";
import { FormattedMessage, createIntl, useIntl } from "react-intl";

import { MESSAGES } from "../../i18n/messages";
import { LOCALES } from "../../i18n/locale";
import type { AccountView, ApprovalView } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { SelectField } from "../../shared/Field";
import { useGo } from "../../shared/place";
import { moment } from "../../shared/status/moment";
import { useNow } from "../../shared/useNow";
import { useCompose } from "../compose";
import { CopyButton } from "../../shared/CopyButton";
import { LANGUAGES } from "../settings/languages";
import { approvalLetter, mailtoOf } from "./approval";
import styles from "./Handover.module.css";
import { useOpenedPage } from "./useOpenedPage";

interface HandoverProps {
  address: string;
  approval: ApprovalView;
  /** Signs in: the approval may have been given. */
  onTry: () => void;
  isTrying: boolean;
  /** Further things to do. */
  children?: ReactNode;
}

/**
 * What somebody does whose administrator has to allow the program first: a message to send, the page for those who are
 * the administrator themselves, and the next attempt.
 */
export function Handover({ address, approval, onTry, isTrying, children }: HandoverProps) {
  const intl = useIntl();
  const now = useNow();
  const isGranted = approval.granted_at !== null;
  const when = (at: number) => moment(intl, at, now);
  return (
    <div className={styles.handover}>
      <p className={styles.state} data-granted={isGranted}>
        {isGranted ? (
          <FormattedMessage id="approval.granted" />
        ) : (
          <FormattedMessage
            id="approval.since"
            values={{ since: when(approval.since), tried: when(approval.tried_at) }}
          />
        )}
      </p>
      {!isGranted && <Letter address={address} approval={approval} />}
      {!isGranted && approval.url !== null && (
        <OwnApproval address={address} approval={approval} onGranted={onTry} />
      )}
      <section className={styles.part}>
        {!isGranted && (
          <p className={styles.quiet}>
            <FormattedMessage id="approval.try.help" />
          </p>
        )}
        <Buttons>
          <Button look={isGranted ? "primary" : "plain"} disabled={isTrying} onClick={onTry}>
            <FormattedMessage id={isGranted ? "approval.finish" : "approval.try"} />
          </Button>
          {children}
        </Buttons>
      </section>
    </div>
  );
}

/** The message to the administrator, in the language that they read. */
function Letter({ address, approval }: { address: string; approval: ApprovalView }) {
  const intl = useIntl();
  const go = useGo();
  const compose = useCompose();
  const [locale, setLocale] = useState(intl.locale);
  const letter = useMemo(() => {
    const known = LOCALES.find((spoken) => spoken === locale) ?? "en";
    return approvalLetter(createIntl({ locale: known, messages: MESSAGES[known] }), address, approval);
  }, [locale, address, approval]);
  const accounts = useCommandQuery("account_list", {}).data ?? [];
  const send = () => {
    go({ kind: "mail", address: null });
    compose.open({ kind: "new", mailto: mailtoOf(letter) });
  };
  return (
    <section className={styles.part}>
      <h2>
        <FormattedMessage id="approval.letter.title" />
      </h2>
      <div className={styles.language}>
        <SelectField
          label={<FormattedMessage id="approval.letter.language" />}
          value={locale}
          onPick={setLocale}
        >
          {LANGUAGES.map(([code, own]) => (
            <option key={code} value={code}>
              {own}
            </option>
          ))}
        </SelectField>
      </div>
      <textarea
        readOnly
        rows={14}
        className={styles.letter}
        lang={locale}
        aria-label={intl.formatMessage({ id: "approval.letter.title" })}
        value={letter.text}
      />
      <Buttons>
        <CopyButton key={locale} text={letter.text}>
          <FormattedMessage id="approval.letter.copy" />
        </CopyButton>
        {accounts.some(sends) && (
          <Button onClick={send}>
            <FormattedMessage id="approval.letter.open" />
          </Button>
        )}
      </Buttons>
    </section>
  );
}

/** True for an account from which a message can go out now. */
const sends = ({ smtp, sending, state }: AccountView) => smtp !== null && sending && state === "working";

/** For a person who is the administrator: the page itself. Where it sends the browser back, the rest goes by itself. */
function OwnApproval({
  address,
  approval: { url, returns },
  onGranted,
}: {
  address: string;
  approval: ApprovalView;
  onGranted: () => void;
}) {
  const door = useDoor();
  const open = useCommandMutation("approval_open");
  const cancel = useCommandMutation("signin_cancel");
  useOpenedPage(address, open.isPending);
  const begin = () => {
    if (returns) {
      open.mutate({ address }, { onSuccess: onGranted });
    } else if (url !== null) {
      // A browser that does not open is no end: the address stands in the message above.
      door.openExternal(url).catch(() => undefined);
    }
  };
  const error = open.error === null ? null : wireOf(open.error);
  return (
    <section className={styles.part}>
      <h2>
        <FormattedMessage id="approval.own.title" />
      </h2>
      <p className={styles.quiet}>
        <FormattedMessage id={returns ? "approval.own.help" : "approval.own.list"} />
      </p>
      {error !== null && error.code !== "cancelled" && <ErrorNotice error={error} />}
      <Buttons>
        <Button disabled={open.isPending} onClick={begin}>
          <FormattedMessage id={open.isPending ? "setup.browser.waiting" : "approval.own.open"} />
        </Button>
        {open.isPending && (
          <Button onClick={() => cancel.mutate({ address })}>
            <FormattedMessage id="app.cancel" />
          </Button>
        )}
      </Buttons>
    </section>
  );
}
