import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, ApprovalView } from "../../ipc/contract";
import { Button } from "../../shared/Button";
import fields from "../../shared/Field.module.css";
import { useGo } from "../../shared/place";
import { TONES, signName, signOf } from "../../shared/status/sign";
import { SignInSheet } from "../mail/SignInSheet";
import { approvalWords } from "../setup/approval";
import { Handover } from "../setup/Handover";
import { AccountFilesSection } from "./AccountFilesSection";
import { AccountServersSection } from "./AccountServersSection";
import { AccountStatusSection } from "./AccountStatusSection";
import { AccountSyncSection } from "./AccountSyncSection";
import { IdentitiesSection } from "./IdentitiesSection";
import { AccountNotify } from "./NotificationsPage";
import { Card, Page, Row, Section, Switch } from "./parts";
import styles from "./AccountPage.module.css";
import { useAccountChange, useAccountUpdate, useUndoable } from "./useChange";

interface AccountPageProps {
  account: AccountView;
  accounts: readonly AccountView[];
  /** The folder that was asked about; its files come into sight. */
  folder: string | null;
  /** The section that was asked about; it comes into sight. */
  section: "sync" | null;
  onRemove: () => void;
}

/** Everything about one account. */
export function AccountPage({ account, accounts, folder, section, onRemove }: AccountPageProps) {
  const intl = useIntl();
  const go = useGo();
  const { address } = account;
  const sign = signOf(account);
  return (
    <Page
      title={account.name}
      {...(account.name === address ? {} : { lead: address })}
      badge={
        <span className={styles.badge} data-tone={TONES[sign]}>
          <FormattedMessage id={signName(sign)} />
        </span>
      }
    >
      {!account.setup_done && (
        <Card>
          <Row
            label={<FormattedMessage id="settings.unfinished" />}
            hint={<FormattedMessage id="settings.unfinished.help" />}
          >
            <Button look="primary" onClick={() => go({ kind: "setup", resume: address })}>
              <FormattedMessage id="settings.unfinished.finish" />
            </Button>
          </Row>
        </Card>
      )}
      {account.approval !== null && <Approval account={account} approval={account.approval} />}
      <AccountStatusSection account={account} />
      <Section title={<FormattedMessage id="settings.account" />}>
        <Card>
          <Name account={account} />
        </Card>
      </Section>
      <AccountSyncSection account={account} isAskedAbout={section === "sync"} />
      <Sending account={account} accounts={accounts} />
      <IdentitiesSection account={account} />
      <AccountServersSection account={account} />
      <Section title={<FormattedMessage id="settings.notifications" />}>
        <Card>
          <AccountNotify account={account} label={intl.formatMessage({ id: "settings.notify" })} />
        </Card>
      </Section>
      <AccountFilesSection account={account} folder={folder} />
      <Section title={<FormattedMessage id="settings.remove.section" />}>
        <Card>
          <Row
            label={<FormattedMessage id="settings.remove.label" />}
            hint={<FormattedMessage id="settings.remove.help" />}
          >
            <Button look="danger" onClick={onRemove}>
              <FormattedMessage id="settings.remove.action" />
            </Button>
          </Row>
        </Card>
      </Section>
    </Page>
  );
}

/** The organisation has to allow the program first. */
function Approval({ account, approval }: { account: AccountView; approval: ApprovalView }) {
  const [isTrying, setTrying] = useState(false);
  const { title, lead } = approvalWords(approval);
  return (
    <Section
      title={<FormattedMessage id={title} />}
      hint={<FormattedMessage id={lead} values={{ address: account.address }} />}
    >
      <Handover
        address={account.address}
        approval={approval}
        isTrying={isTrying}
        onTry={() => setTrying(true)}
      />
      {isTrying && <SignInSheet account={account} onClose={() => setTrying(false)} />}
    </Section>
  );
}

/** What the person calls the account. It is kept when the field is left. */
function Name({ account }: { account: AccountView }) {
  const intl = useIntl();
  const change = useAccountChange(account);
  const [typed, setTyped] = useState<string | null>(null);
  const label = intl.formatMessage({ id: "settings.name" });
  const keep = () => {
    const name = typed?.trim() ?? account.name;
    setTyped(null);
    if (name !== account.name && !(name === "" && account.name === account.address)) {
      change({ name }, label);
    }
  };
  return (
    <Row label={label} hint={<FormattedMessage id="settings.name.help" />} htmlFor="settings-name">
      <input
        id="settings-name"
        className={fields.input}
        autoComplete="off"
        placeholder={account.address}
        value={typed ?? account.name}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={keep}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            keep();
          } else if (event.key === "Escape") {
            event.preventDefault();
            setTyped(null);
          }
        }}
      />
    </Row>
  );
}

/** Whether the account sends, and whether new messages are written from it. */
function Sending({ account, accounts }: { account: AccountView; accounts: readonly AccountView[] }) {
  const intl = useIntl();
  const change = useAccountChange(account);
  const update = useAccountUpdate();
  const run = useUndoable();
  const canSend = account.smtp !== null;
  const before = accounts.find((other) => other.is_default);
  const name = intl.formatMessage({ id: "settings.defaultSender" });
  const makeDefault = () =>
    run(
      name,
      () => update(account.address, { is_default: true }),
      () =>
        before === undefined
          ? update(account.address, { is_default: false })
          : update(before.address, { is_default: true }),
    );
  return (
    <Section title={<FormattedMessage id="settings.sending" />}>
      <Card>
        <Switch
          label={<FormattedMessage id="settings.sending.on" />}
          hint={<FormattedMessage id={canSend ? "settings.sending.help" : "settings.sending.noServer"} />}
          isOn={account.sending && canSend}
          disabled={!canSend}
          onChange={(sending) => change({ sending }, intl.formatMessage({ id: "settings.sending" }))}
        />
        {accounts.length > 1 && (
          <Row
            label={name}
            hint={
              <FormattedMessage
                id={account.is_default ? "settings.defaultSender.is" : "settings.defaultSender.help"}
                values={{ account: before?.name ?? "" }}
              />
            }
          >
            {!account.is_default && (
              <Button disabled={!canSend || !account.sending} onClick={makeDefault}>
                <FormattedMessage id="settings.defaultSender.make" />
              </Button>
            )}
          </Row>
        )}
      </Card>
    </Section>
  );
}
