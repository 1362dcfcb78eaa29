import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { useHost } from "../../ipc/hostContext";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { useSettings } from "../../shared/settings/useSettings";
import { Card, Page, Pick, Row, Section, Switch } from "./parts";
import { useAccountChange, useChange } from "./useChange";

/** What is told about new mail, and how much of it. */
export function NotificationsPage({ accounts }: { accounts: readonly AccountView[] }) {
  const intl = useIntl();
  const host = useHost();
  const { settings, error } = useSettings();
  const change = useChange();
  return (
    <Page
      title={<FormattedMessage id="settings.notifications" />}
      lead={<FormattedMessage id={host.can.notify ? "settings.notify.lead" : "settings.notify.cannot"} />}
    >
      {error !== null && <ErrorNotice error={error} />}
      <Section title={<FormattedMessage id="settings.notify.all" />}>
        <Card>
          <Pick
            label={<FormattedMessage id="settings.notify" />}
            value={settings.notify}
            options={[
              ["inbox", intl.formatMessage({ id: "settings.notify.inbox" })],
              ["all", intl.formatMessage({ id: "settings.notify.everything" })],
              ["none", intl.formatMessage({ id: "settings.notify.none" })],
            ]}
            onChange={(notify) => change({ notify }, "settings.notify")}
          />
          <Switch
            label={<FormattedMessage id="settings.notify.content" />}
            hint={<FormattedMessage id="settings.notify.contentHelp" />}
            isOn={settings.notify_content}
            onChange={(is) => change({ notify_content: is }, "settings.notify.content")}
          />
          {host.can.notify && <TestNotification />}
        </Card>
      </Section>
      {accounts.length > 0 && (
        <Section
          title={<FormattedMessage id="settings.notify.byAccount" />}
          hint={<FormattedMessage id="settings.notify.byAccountHelp" />}
        >
          <Card>
            {accounts.map((account) => (
              <AccountNotify key={account.address} account={account} label={account.name} />
            ))}
          </Card>
        </Section>
      )}
    </Page>
  );
}

/** What is told about the new mail of one account. */
export function AccountNotify({ account, label }: { account: AccountView; label: string }) {
  const intl = useIntl();
  const change = useAccountChange(account);
  return (
    <Pick
      label={label}
      {...(label === account.address || label !== account.name ? {} : { hint: account.address })}
      value={account.notify}
      options={[
        ["default", intl.formatMessage({ id: "settings.notify.default" })],
        ["inbox", intl.formatMessage({ id: "settings.notify.inbox" })],
        ["all", intl.formatMessage({ id: "settings.notify.everything" })],
        ["none", intl.formatMessage({ id: "settings.notify.none" })],
      ]}
      onChange={(notify) =>
        change({ notify }, intl.formatMessage({ id: "settings.notify.of" }, { account: account.name }))
      }
    />
  );
}

/** A notification to look at. */
export function TestNotification() {
  const intl = useIntl();
  const host = useHost();
  const { settings } = useSettings();
  const [state, setState] = useState<"idle" | "shown" | "failed">("idle");
  const show = async () => {
    const withContent = settings.notify_content;
    try {
      await host.notify({
        tag: "test",
        title: intl.formatMessage({
          id: withContent ? "settings.notify.sampleFrom" : "settings.notify.sample",
        }),
        body: intl.formatMessage({
          id: withContent ? "settings.notify.sampleSubject" : "settings.notify.sampleBody",
        }),
      });
      setState("shown");
    } catch {
      setState("failed");
    }
  };
  return (
    <Row
      label={<FormattedMessage id="settings.notify.test" />}
      hint={
        <output className={state === "failed" ? fields.problem : undefined}>
          {state === "idle" ? (
            <FormattedMessage id="settings.notify.testHelp" />
          ) : (
            <FormattedMessage
              id={state === "shown" ? "settings.notify.testShown" : "settings.notify.testFailed"}
            />
          )}
        </output>
      }
    >
      <Button onClick={() => void show()}>
        <FormattedMessage id="settings.notify.testShow" />
      </Button>
    </Row>
  );
}
