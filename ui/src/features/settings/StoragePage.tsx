import { FormattedMessage, useIntl } from "react-intl";

import type { StorageView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandQuery } from "../../ipc/query";
import { Loading } from "../../shared/Blank";
import { Button } from "../../shared/Button";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import hidden from "../../shared/hidden.module.css";
import { size } from "../../shared/quantity";
import { BackupSection } from "./BackupSection";
import { Card, Page, Section } from "./parts";
import styles from "./StoragePage.module.css";
import { storageParts } from "./storage";
import type { StoragePart } from "./storage";

/** What everything takes on this machine, as a picture that is also a table. */
export function StoragePage() {
  const intl = useIntl();
  const storage = useCommandQuery("storage_get", {});
  return (
    <Page
      title={<FormattedMessage id="settings.storage" />}
      lead={<FormattedMessage id="settings.storage.lead" />}
    >
      {storage.error !== null && (
        <ErrorNotice error={wireOf(storage.error)}>
          <Button onClick={() => void storage.refetch()}>
            <FormattedMessage id="app.again" />
          </Button>
        </ErrorNotice>
      )}
      {storage.isPending && <Loading label={intl.formatMessage({ id: "settings.storage.counting" })} />}
      {storage.data !== undefined && <Picture storage={storage.data} />}
      <BackupSection />
    </Page>
  );
}

function Picture({ storage }: { storage: StorageView }) {
  const intl = useIntl();
  const parts = storageParts(storage);
  const { free_bytes: free, database_bytes: used } = storage;
  const words = (part: StoragePart) =>
    part.kind === "account" ? part.address : intl.formatMessage({ id: `settings.storage.${part.kind}` });
  return (
    <>
      <Section title={<FormattedMessage id="settings.storage.disk" />}>
        <p className={styles.figure}>
          <FormattedMessage id="settings.storage.used" values={{ size: size(intl, used) }} />
        </p>
        {free !== null && (
          <>
            <div className={styles.disk} aria-hidden="true">
              <span style={{ inlineSize: `${Math.max(0.5, (100 * used) / Math.max(1, used + free))}%` }} />
            </div>
            <p className={fields.hint}>
              <FormattedMessage id="settings.storage.free" values={{ size: size(intl, free) }} />
            </p>
          </>
        )}
      </Section>
      <Section title={<FormattedMessage id="settings.storage.parts" />}>
        <Card>
          <table className={styles.table}>
            <thead className={hidden.text}>
              <tr>
                <th scope="col">
                  <FormattedMessage id="settings.storage.part" />
                </th>
                <th scope="col">
                  <FormattedMessage id="settings.storage.size" />
                </th>
              </tr>
            </thead>
            <tbody>
              {parts.map((part) => (
                <tr key={part.kind === "account" ? part.address : part.kind}>
                  <th scope="row">
                    <span className={styles.part}>{words(part)}</span>
                    <span className={fields.hint}>
                      {part.kind === "account" ? (
                        <FormattedMessage
                          id="settings.storage.account"
                          values={{ count: part.messages, size: size(intl, part.original) }}
                        />
                      ) : (
                        <FormattedMessage id={`settings.storage.${part.kind}Help`} />
                      )}
                    </span>
                    <span className={styles.share} data-kind={part.kind} aria-hidden="true">
                      <span style={{ inlineSize: `${part.share * 100}%` }} />
                    </span>
                  </th>
                  <td>{size(intl, part.bytes)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Card>
        <p className={fields.hint}>
          <FormattedMessage id="settings.storage.less" />
        </p>
      </Section>
      <Section
        title={<FormattedMessage id="settings.storage.where" />}
        hint={<FormattedMessage id="settings.storage.whereHelp" />}
      >
        <CommandLine command={storage.home} />
      </Section>
    </>
  );
}
