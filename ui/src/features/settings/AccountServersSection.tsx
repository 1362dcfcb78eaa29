import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountServers, AccountView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field } from "../../shared/Field";
import { Form, FormFoot } from "../../shared/Form";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { errorText } from "../../shared/errors/text";
import fields from "../../shared/Field.module.css";
import { ServerFields } from "../setup/ServerFields";
import { emptyServer, readEndpoint, serverProblem, withSecurity, writeEndpoint } from "../setup/servers";
import type { Security, ServerForm, ServerKind } from "../setup/servers";
import { Card, Facts, Section } from "./parts";
import styles from "./AccountServersSection.module.css";
import parts from "./parts.module.css";

/** Where the account receives and sends, and the form that changes it. */
export function AccountServersSection({ account }: { account: AccountView }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section
      title={<FormattedMessage id="settings.servers" />}
      hint={<FormattedMessage id="settings.servers.help" />}
    >
      <Card>
        {isOpen ? (
          <ServersForm account={account} onClose={() => setOpen(false)} />
        ) : (
          <>
            <Facts
              facts={[
                [
                  <FormattedMessage key="i" id="setup.servers.imap" />,
                  <Endpoint key="e" of={account.imap} />,
                ],
                [
                  <FormattedMessage key="s" id="setup.servers.smtp" />,
                  <Endpoint key="o" of={account.smtp} />,
                ],
              ]}
            />
            <div className={parts.cardFoot}>
              <Button onClick={() => setOpen(true)}>
                <FormattedMessage id="settings.servers.change" />
              </Button>
            </div>
          </>
        )}
      </Card>
    </Section>
  );
}

function Endpoint({ of }: { of: string | null }) {
  const form = of === null ? null : readEndpoint(of);
  if (of === null) {
    return <FormattedMessage id="settings.servers.none" />;
  }
  return form === null ? of : `${form.host}:${form.port} · ${form.security === "tls" ? "TLS" : "STARTTLS"}`;
}

/** What `account_servers` is given to bring the account back to where it is. */
function asBefore({ address, imap, smtp }: AccountView): AccountServers | null {
  return imap === null ? null : { address, imap, ...(smtp === null ? {} : { smtp }) };
}

function ServersForm({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const intl = useIntl();
  const notices = useNotices();
  const save = useCommandMutation("account_servers");
  const cancel = useCommandMutation("account_cancel");
  const { address } = account;
  const [servers, setServers] = useState<Record<ServerKind, ServerForm>>({
    imap: readEndpoint(account.imap ?? "") ?? emptyServer("imap"),
    smtp: readEndpoint(account.smtp ?? "") ?? emptyServer("smtp"),
  });
  const [sends, setSends] = useState(account.smtp !== null);
  const [username, setUsername] = useState("");
  const [tried, setTried] = useState(false);
  const isWhole = serverProblem(servers.imap) === null && (!sends || serverProblem(servers.smtp) === null);

  const type = (kind: ServerKind) => (field: "host" | "port", text: string) =>
    setServers((now) => ({ ...now, [kind]: { ...now[kind], [field]: text } }));
  const secure = (kind: ServerKind) => (security: Security) =>
    setServers((now) => ({ ...now, [kind]: withSecurity(kind, now[kind], security) }));

  const undo = (before: AccountServers) =>
    save.mutateAsync(before).catch((error: unknown) => {
      const { title, fixer } = errorText(intl, wireOf(error));
      notices.show({ text: `${title}. ${fixer}`, tone: "bad" });
    });
  const submit = () => {
    setTried(true);
    if (!isWhole) {
      return;
    }
    const user = username.trim();
    // Which user name was in use before is not told, so another one cannot be taken back.
    const before = user === "" ? asBefore(account) : null;
    save.mutate(
      {
        address,
        imap: writeEndpoint(servers.imap),
        ...(sends ? { smtp: writeEndpoint(servers.smtp) } : {}),
        ...(user === "" ? {} : { username: user }),
      },
      {
        onSuccess: () => {
          onClose();
          notices.show({
            text: intl.formatMessage({ id: "settings.servers.kept" }),
            tone: "plain",
            ...(before === null
              ? {}
              : {
                  action: {
                    label: intl.formatMessage({ id: "notices.undo" }),
                    isUndo: true,
                    run: () => void undo(before),
                  },
                }),
          });
        },
      },
    );
  };
  const close = () => {
    if (save.isPending) {
      cancel.mutate({ address });
    } else {
      onClose();
    }
  };
  const error = save.error === null ? null : wireOf(save.error);

  return (
    <Form className={styles.form} onSubmit={submit}>
      <ServerFields
        kind="imap"
        form={servers.imap}
        focused
        problem={tried ? serverProblem(servers.imap) : null}
        onType={type("imap")}
        onSecurity={secure("imap")}
      />
      <label className={fields.check}>
        <input type="checkbox" checked={sends} onChange={(event) => setSends(event.currentTarget.checked)} />
        <FormattedMessage id="setup.servers.sends" />
      </label>
      {sends && (
        <ServerFields
          kind="smtp"
          form={servers.smtp}
          problem={tried ? serverProblem(servers.smtp) : null}
          onType={type("smtp")}
          onSecurity={secure("smtp")}
        />
      )}
      <Field
        label={<FormattedMessage id="setup.servers.username" />}
        hint={<FormattedMessage id="settings.servers.usernameHelp" />}
        autoComplete="username"
        value={username}
        onType={setUsername}
      />
      {error !== null && error.code !== "cancelled" && <ErrorNotice error={error} />}
      <output className={parts.done}>
        {save.isPending && <FormattedMessage id="settings.servers.proving" />}
      </output>
      <FormFoot
        submit={<FormattedMessage id="settings.servers.prove" />}
        disabled={save.isPending}
        onCancel={close}
      />
    </Form>
  );
}
