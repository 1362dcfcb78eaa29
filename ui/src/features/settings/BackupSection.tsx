import { FormattedMessage, useIntl } from "react-intl";

import type { DoctorReport, RepairView, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { errorText } from "../../shared/errors/text";
import { shortDate, size } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { Card, Row, Section } from "./parts";
import styles from "./parts.module.css";

/** The backup of what exists only here, and the repair of a damaged database. */
export function BackupSection() {
  const intl = useIntl();
  const now = useNow();
  const backups = useCommandQuery("backup_list", {});
  const status = useCommandQuery("status_get", {});
  const write = useCommandMutation("backup_write");
  const repair = useCommandMutation("doctor_run");
  const newest = write.data ?? backups.data?.[0];
  const error = write.error ?? backups.error;
  const restored = status.data?.store_restored ?? null;
  const isUnsound = status.data?.store_unsound === true;
  return (
    <Section
      title={<FormattedMessage id="settings.backup" />}
      hint={<FormattedMessage id="settings.backup.help" />}
    >
      {restored !== null && <Restored restored={restored} />}
      {isUnsound && repair.data === undefined && (
        <p className={styles.block} role="alert">
          <FormattedMessage id="settings.backup.unsound" />
        </p>
      )}
      {error !== null && <ErrorNotice error={wireOf(error)} />}
      <Card>
        <Row
          label={<FormattedMessage id="settings.backup.newest" />}
          hint={
            newest === undefined ? (
              <FormattedMessage
                id={backups.isPending ? "settings.storage.counting" : "settings.backup.none"}
              />
            ) : (
              <FormattedMessage
                id="settings.backup.written"
                values={{ date: shortDate(intl, newest.at, now), size: size(intl, newest.bytes) }}
              />
            )
          }
        >
          <Button disabled={write.isPending} onClick={() => write.mutate({})}>
            <FormattedMessage id={write.isPending ? "settings.backup.writing" : "settings.backup.write"} />
          </Button>
        </Row>
        <Row
          label={<FormattedMessage id="settings.repair" />}
          hint={<FormattedMessage id="settings.repair.help" />}
        >
          <Button disabled={repair.isPending} onClick={() => repair.mutate({ repair: true })}>
            <FormattedMessage id={repair.isPending ? "settings.repair.running" : "settings.repair.start"} />
          </Button>
        </Row>
      </Card>
      <output>{repair.data !== undefined && <Repaired report={repair.data} />}</output>
      {repair.error !== null && <Unrepaired error={wireOf(repair.error)} />}
      {newest !== undefined && <CommandLine command={newest.path} />}
    </Section>
  );
}

/** A backup took the place of the database at a start: said until the person has seen it. */
function Restored({ restored }: { restored: WireError }) {
  const intl = useIntl();
  const seen = useCommandMutation("restored_seen");
  const { title, help } = errorText(intl, restored);
  return (
    <div className={styles.block} role="alert">
      <p>{title}.</p>
      <p>{help}</p>
      <Button disabled={seen.isPending} onClick={() => seen.mutate({})}>
        <FormattedMessage id="settings.backup.seen" />
      </Button>
    </div>
  );
}

const MENDED = {
  rebuilt: "settings.repair.rebuilt",
  bodies: "settings.repair.bodies",
  lost_bodies: "settings.repair.lostBodies",
  waiting_bodies: "settings.repair.waitingBodies",
  rows: "settings.repair.rows",
  index: "settings.repair.index",
} as const;

function isKnown(what: string): what is keyof typeof MENDED {
  return Object.hasOwn(MENDED, what);
}

/** What a repair did, and what is wrong still. */
function Repaired({ report }: { report: DoctorReport }) {
  const intl = useIntl();
  const store = report.checks.find(({ check }) => check === "store");
  const line = ({ what, count, path }: RepairView) =>
    isKnown(what) ? intl.formatMessage({ id: MENDED[what] }, { count, path: path ?? "" }) : what;
  return (
    <div className={styles.block}>
      {report.repairs.length === 0 && store?.passed === true && (
        <p>
          <FormattedMessage id="settings.repair.nothing" />
        </p>
      )}
      {report.repairs.length > 0 && (
        <ul>
          {report.repairs.map((repair) => (
            <li key={repair.what}>{line(repair)}</li>
          ))}
        </ul>
      )}
      {store !== undefined && store.error !== null && <ErrorNotice error={store.error} />}
    </div>
  );
}

/** A file whose pages contradict each other can be replaced only while nobody has it open. */
function Unrepaired({ error }: { error: WireError }) {
  return error.code === "store_damaged" ? (
    <div className={styles.block} role="alert">
      <p>
        <FormattedMessage id="settings.repair.closed" />
      </p>
      <CommandLine command="mailroom doctor --repair" />
    </div>
  ) : (
    <ErrorNotice error={error} />
  );
}
