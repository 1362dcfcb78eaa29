import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, MailImported } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import type { ExportForm } from "../../ipc/host";
import { useHost } from "../../ipc/hostContext";
import { useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { errorText } from "../../shared/errors/text";
import { size } from "../../shared/quantity";
import { Pick, Row } from "./parts";
import styles from "./parts.module.css";
import { transferProgress } from "./transfer";
import type { Transfer } from "./transfer";

const FORMS: readonly ExportForm[] = ["mbox", "maildir", "eml"];
/** Messages that were not taken and are named on the page; the count says how many there are. */
const NAMED = 20;

type State =
  | { kind: "idle" }
  | { kind: "running"; transfer: Transfer | null }
  | { kind: "done"; report: MailImported }
  | { kind: "failed"; error: unknown };

/** Brings mail of other programs into a folder. The person names the files in the system's own dialog. */
export function ImportMail({ account, folder: first }: { account: AccountView; folder: string | null }) {
  const intl = useIntl();
  const door = useDoor();
  const host = useHost();
  const { address } = account;
  const [form, setForm] = useState<ExportForm>("mbox");
  const [chosen, setChosen] = useState(first);
  const [state, setState] = useState<State>({ kind: "idle" });
  const folders = useCommandQuery("folder_list", { address, refresh: false });
  const open = (folders.data ?? []).filter(({ selectable }) => selectable);
  const folder = chosen ?? open.find(({ role }) => role === "inbox")?.path ?? open[0]?.path ?? "";
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
      const report = await host.importMail({
        address,
        folder,
        wanted: form === "maildir" ? "folders" : "files",
        title: intl.formatMessage({ id: "settings.import.dialog" }, { folder }),
      });
      setState({ kind: "done", report });
    } catch (error) {
      setState(wireOf(error).code === "cancelled" ? { kind: "idle" } : { kind: "failed", error });
    }
  };
  return (
    <>
      <Pick
        label={<FormattedMessage id="settings.import.form" />}
        value={form}
        options={FORMS.map((name) => [name, intl.formatMessage({ id: `settings.import.${name}` })])}
        onChange={(name) => setForm(FORMS.find((known) => known === name) ?? "mbox")}
      />
      <Pick
        label={<FormattedMessage id="settings.import.folder" />}
        value={folder}
        options={open.map(({ path }): [string, string] => [path, path])}
        onChange={setChosen}
      />
      <Row
        label={<FormattedMessage id="settings.import" />}
        hint={<FormattedMessage id="settings.import.help" />}
      >
        <Buttons>
          <Button disabled={isRunning || folder === ""} onClick={() => void start()}>
            <FormattedMessage
              id={
                isRunning
                  ? "settings.import.running"
                  : form === "maildir"
                    ? "settings.import.startFolder"
                    : "settings.import.start"
              }
            />
          </Button>
          {isRunning && state.transfer !== null && (
            <Button onClick={() => void door.call("account_cancel", { address })}>
              <FormattedMessage id="settings.files.stop" />
            </Button>
          )}
        </Buttons>
      </Row>
      <output className={styles.done}>
        {state.kind === "running" && state.transfer !== null && (
          <FormattedMessage
            id="settings.import.progress"
            values={{ done: state.transfer.done, size: size(intl, state.transfer.bytes) }}
          />
        )}
        {state.kind === "done" && <Report report={state.report} />}
      </output>
      {state.kind === "failed" && <ErrorNotice error={wireOf(state.error)} />}
      {state.kind === "done" && state.report.error !== null && <ErrorNotice error={state.report.error} />}
      {state.kind === "done" && state.report.refused_count > 0 && <Refused report={state.report} />}
    </>
  );
}

/** What came, what was there, what still waits. */
function Report({ report }: { report: MailImported }) {
  const intl = useIntl();
  const { imported, known, deleted, waiting, folder } = report;
  const parts = [
    intl.formatMessage({ id: "settings.import.done" }, { count: imported, folder }),
    ...(known > 0 ? [intl.formatMessage({ id: "settings.import.known" }, { count: known })] : []),
    ...(deleted > 0 ? [intl.formatMessage({ id: "settings.import.deleted" }, { count: deleted })] : []),
    ...(waiting > 0 ? [intl.formatMessage({ id: "settings.import.waiting" }, { count: waiting })] : []),
  ];
  return <>{parts.join(" ")}</>;
}

function Refused({ report }: { report: MailImported }) {
  const intl = useIntl();
  return (
    <div className={styles.block} role="alert">
      <p>
        <FormattedMessage id="settings.import.refused" values={{ count: report.refused_count }} />
      </p>
      <ul>
        {report.refused.slice(0, NAMED).map(({ origin, subject, error }) => (
          <li key={`${origin} ${subject}`}>
            {subject === "" ? origin : `${origin}: ${subject}`}. {errorText(intl, error).title}
          </li>
        ))}
      </ul>
    </div>
  );
}
