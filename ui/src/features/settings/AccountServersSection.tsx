import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountServers, AccountView, CertificateView, TrustedCertificate } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Certificate } from "../../shared/certificate/CertificateChain";
import { TrustCertificate } from "../../shared/certificate/TrustCertificate";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field } from "../../shared/Field";
import { Form, FormFoot } from "../../shared/Form";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { errorText, reasonOf } from "../../shared/errors/text";
import fields from "../../shared/Field.module.css";
import { ServerFields } from "../setup/ServerFields";
import { emptyServer, readEndpoint, serverProblem, withSecurity, writeEndpoint } from "../setup/servers";
import type { Security, ServerForm, ServerKind } from "../setup/servers";
import { Card, Facts, Row, Section } from "./parts";
import styles from "./AccountServersSection.module.css";
import parts from "./parts.module.css";
import { useUndoable } from "./useChange";

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
      <Exceptions address={account.address} />
    </Section>
  );
}

/** The certificates that the person trusts for the account although nobody vouches for them. */
function Exceptions({ address }: { address: string }) {
  const made = useCommandQuery("certificate_list", { address });
  if (made.data === undefined || made.data.length === 0) {
    return made.error === null ? null : <ErrorNotice error={wireOf(made.error)} />;
  }
  return (
    <Card>
      {made.data.map((certificate) => (
        <Exception
          key={`${certificate.host}:${certificate.port}`}
          address={address}
          certificate={certificate}
        />
      ))}
    </Card>
  );
}

function Exception({ address, certificate }: { address: string; certificate: CertificateView }) {
  const intl = useIntl();
  const run = useUndoable();
  const forget = useCommandMutation("certificate_forget");
  const trust = useCommandMutation("certificate_trust");
  const { host, port, fingerprint } = certificate;
  const server = `${host}:${port}`;
  return (
    <div className={styles.exception}>
      <Row
        label={<FormattedMessage id="settings.certificate" values={{ server }} />}
        hint={
          <FormattedMessage
            id="settings.certificate.since"
            values={{
              date: intl.formatDate(certificate.since, { dateStyle: "medium" }),
              reason: reasonOf(intl, certificate.reason),
            }}
          />
        }
      >
        <Button
          look="quiet"
          aria-label={intl.formatMessage({ id: "settings.certificate.forgetOf" }, { server })}
          onClick={() =>
            run(
              intl.formatMessage({ id: "settings.certificate" }, { server }),
              () => forget.mutateAsync({ address, host, port }),
              () => trust.mutateAsync({ address, host, port, fingerprint }),
            )
          }
        >
          <FormattedMessage id="settings.certificate.forget" />
        </Button>
      </Row>
      <Certificate certificate={{ ...certificate, names: [], from: null }} />
    </div>
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
  return imap === null ? null : { address, imap, ...(smtp === null ? {} : { smtp }), certificates: [] };
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
  const [accepted, setAccepted] = useState<TrustedCertificate[]>([]);
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
  const submit = (trusted?: TrustedCertificate) => {
    setTried(true);
    if (!isWhole) {
      return;
    }
    const user = username.trim();
    const isOther = ({ host, port }: TrustedCertificate) => host !== trusted?.host || port !== trusted.port;
    const certificates = trusted === undefined ? accepted : [...accepted.filter(isOther), trusted];
    setAccepted(certificates);
    // Which user name was in use before is not told, so another one cannot be taken back.
    const before = user === "" ? asBefore(account) : null;
    save.mutate(
      {
        address,
        imap: writeEndpoint(servers.imap),
        ...(sends ? { smtp: writeEndpoint(servers.smtp) } : {}),
        ...(user === "" ? {} : { username: user }),
        certificates,
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
    <Form className={styles.form} onSubmit={() => submit()}>
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
      {error !== null && error.code !== "cancelled" && (
        <ErrorNotice error={error}>
          {account.auth !== "oauth2" && <TrustCertificate error={error} onTrust={submit} />}
        </ErrorNotice>
      )}
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
