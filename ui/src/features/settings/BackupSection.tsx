import { FormattedMessage, useIntl } from "react-intl";

import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { shortDate, size } from "../../shared/quantity";
import { useNow } from "../../shared/useNow";
import { Card, Row, Section } from "./parts";
import styles from "./parts.module.css";

/** The backup of what exists only here, and what to do when the database is damaged. */
export function BackupSection() {
  const intl = useIntl();
  const now = useNow();
  const backups = useCommandQuery("backup_list", {});
  const status = useCommandQuery("status_get", {});
  const write = useCommandMutation("backup_write");
  const newest = write.data ?? backups.data?.[0];
  const error = write.error ?? backups.error;
  return (
    <Section
      title={<FormattedMessage id="settings.backup" />}
      hint={<FormattedMessage id="settings.backup.help" />}
    >
      {status.data?.store_unsound === true && (
        <div className={styles.block} role="alert">
          <p>
            <FormattedMessage id="settings.backup.unsound" />
          </p>
          <CommandLine command="mailroom doctor --repair" />
        </div>
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
      </Card>
      {newest !== undefined && <CommandLine command={newest.path} />}
    </Section>
  );
}
