import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, MailExported } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import type { ExportForm } from "../../ipc/host";
import { useHost } from "../../ipc/hostContext";
import { useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { errorText } from "../../shared/errors/text";
import fields from "../../shared/Field.module.css";
import { size } from "../../shared/quantity";
import { ImportMail } from "./ImportMail";
import { Card, Pick, Row, Section } from "./parts";
import styles from "./parts.module.css";
import { transferProgress } from "./transfer";
import type { Transfer } from "./transfer";
import { useBroughtIntoSight } from "./useBroughtIntoSight";

const FORMS: readonly ExportForm[] = ["mbox", "maildir", "eml"];
/** Missing messages that are named on the page; the count says how many there are. */
const NAMED = 20;

/** Taking the account's mail away as files, and bringing mail in; `folder` is the one that was asked about. */
export function AccountFilesSection({ account, folder }: { account: AccountView; folder: string | null }) {
  const host = useHost();
  const place = useBroughtIntoSight(folder !== null);
  return (
    <div ref={place}>
      <Section
        title={<FormattedMessage id="settings.files" />}
        hint={<FormattedMessage id="settings.files.help" />}
      >
        <Card>
          {host.can.exportMail ? (
            <Export account={account} folder={folder} />
          ) : (
            <div className={styles.block}>
              <p className={fields.hint}>
                <FormattedMessage id="settings.files.exportTerminal" />
              </p>
              <CommandLine command={`mailroom export ${account.address} --to mail`} />
            </div>
          )}
        </Card>
        <Card>
          {host.can.importMail ? (
            <ImportMail account={account} folder={folder} />
          ) : (
            <div className={styles.block}>
              <p className={fields.hint}>
                <FormattedMessage id="settings.files.importHelp" />
              </p>
              <CommandLine
                command={`mailroom import ${account.address} FILE --folder ${folder ?? "inbox"}`}
              />
            </div>
          )}
        </Card>
      </Section>
    </div>
  );
}

type State =
  | { kind: "idle" }
  | { kind: "running"; transfer: Transfer | null }
  | { kind: "done"; report: MailExported }
  | { kind: "failed"; error: unknown };

function Export({ account, folder: first }: { account: AccountView; folder: string | null }) {
  const intl = useIntl();
  const door = useDoor();
  const host = useHost();
  const { address } = account;
  const [form, setForm] = useState<ExportForm>("mbox");
  const [folder, setFolder] = useState(first ?? "");
  const [state, setState] = useState<State>({ kind: "idle" });
  const folders = useCommandQuery("folder_list", { address, refresh: false });
  const isRunning = state.kind === "running";
  useEffect(
    () =>
      door.listen((event) =>
        setState((now) =>
          now.kind === "running" ? { ...now, transfer: transferProgress(now.transfer, event, address) } : now,
        ),
      ),
    [door, address],
  );
  const start = async () => {
    setState({ kind: "running", transfer: null });
    try {
      const report = await host.exportMail({ address, format: form, folders: folder === "" ? [] : [folder] });
      setState({ kind: "done", report });
    } catch (error) {
      setState(wireOf(error).code === "cancelled" ? { kind: "idle" } : { kind: "failed", error });
    }
  };
  return (
    <>
      <Pick
        label={<FormattedMessage id="settings.files.form" />}
        value={form}
        options={FORMS.map((name) => [name, intl.formatMessage({ id: `settings.files.${name}` })])}
        onChange={(name) => setForm(FORMS.find((known) => known === name) ?? "mbox")}
      />
      <Pick
        label={<FormattedMessage id="settings.files.folder" />}
        value={folder}
        options={[
          ["", intl.formatMessage({ id: "settings.files.allFolders" })],
          ...(folders.data ?? []).map(({ path }): [string, string] => [path, path]),
        ]}
        onChange={setFolder}
      />
      <Row
        label={<FormattedMessage id="settings.files.export" />}
        hint={<FormattedMessage id="settings.files.exportHelp" />}
      >
        <Buttons>
          <Button disabled={isRunning} onClick={() => void start()}>
            <FormattedMessage id={isRunning ? "settings.files.running" : "settings.files.start"} />
          </Button>
          {isRunning && (
            <Button onClick={() => void door.call("account_cancel", { address })}>
              <FormattedMessage id="settings.files.stop" />
            </Button>
          )}
        </Buttons>
      </Row>
      <output className={styles.done}>
        {state.kind === "running" && state.transfer !== null && (
          <FormattedMessage
            id="settings.files.progress"
            values={{ ...state.transfer, size: size(intl, state.transfer.bytes) }}
          />
        )}
        {state.kind === "done" && (
          <FormattedMessage
            id="settings.files.done"
            values={{
              count: state.report.folders.reduce((sum, { messages }) => sum + messages, 0),
              path: state.report.target,
            }}
          />
        )}
      </output>
      {state.kind === "failed" && <ErrorNotice error={wireOf(state.error)} />}
      {state.kind === "done" && state.report.missing_count > 0 && <Missing report={state.report} />}
    </>
  );
}

function Missing({ report }: { report: MailExported }) {
  const intl = useIntl();
  return (
    <div className={styles.block} role="alert">
      <p>
        <FormattedMessage id="settings.files.missing" values={{ count: report.missing_count }} />
      </p>
      <ul>
        {report.missing.slice(0, NAMED).map(({ folder, uid, subject, error }) => (
          <li key={`${folder} ${uid}`}>
            {subject === "" ? folder : `${folder}: ${subject}`}. {errorText(intl, error).title}
          </li>
        ))}
      </ul>
    </div>
  );
}
