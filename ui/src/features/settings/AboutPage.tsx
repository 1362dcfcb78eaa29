import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { wireOf } from "../../ipc/door";
import type { CrashReport } from "../../ipc/host";
import { useHost } from "../../ipc/hostContext";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { CopyButton } from "../../shared/CopyButton";
import { Button } from "../../shared/Button";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { longDate } from "../../shared/quantity";
import { diagnosis } from "./diagnosis";
import { Licences } from "./Licences";
import { Card, Facts, Page, Row, Section } from "./parts";
import styles from "./AboutPage.module.css";
import parts from "./parts.module.css";

/** What this program is, how it fares, and what to tell whoever helps. */
export function AboutPage() {
  const about = useCommandQuery("about_get", {});
  const known = about.data;
  return (
    <Page
      title={<FormattedMessage id="settings.about" />}
      lead={<FormattedMessage id="settings.about.lead" />}
    >
      {about.error !== null && (
        <ErrorNotice error={wireOf(about.error)}>
          <Button onClick={() => void about.refetch()}>
            <FormattedMessage id="app.again" />
          </Button>
        </ErrorNotice>
      )}
      {known !== undefined && (
        <Card>
          <Facts
            facts={[
              [<FormattedMessage key="v" id="settings.about.version" />, known.version],
              [<FormattedMessage key="p" id="settings.about.platform" />, known.platform],
              [<FormattedMessage key="h" id="settings.about.home" />, known.home],
              [
                <FormattedMessage key="s" id="settings.about.vault" />,
                <FormattedMessage
                  key="w"
                  id={known.vault === "file" ? "settings.about.vaultFile" : "settings.about.vaultKeychain"}
                />,
              ],
              [
                <FormattedMessage key="o" id="settings.about.policy" />,
                known.policy ?? <FormattedMessage id="settings.about.noPolicy" />,
              ],
            ]}
          />
        </Card>
      )}
      <Section title={<FormattedMessage id="settings.help" />}>
        <Card>
          <Diagnosis />
        </Card>
      </Section>
      <Crashes />
      <Section title={<FormattedMessage id="settings.licences" />}>
        <Licences />
      </Section>
    </Page>
  );
}

/** The program looks at its own parts and puts what it saw on the clipboard. */
function Diagnosis() {
  const intl = useIntl();
  const doctor = useCommandMutation("doctor_run");
  const failed = doctor.data?.checks.filter(({ passed }) => !passed) ?? [];
  return (
    <>
      <Row
        label={<FormattedMessage id="settings.doctor" />}
        hint={
          <output>
            {doctor.data === undefined ? (
              <FormattedMessage id="settings.doctor.help" />
            ) : (
              <FormattedMessage
                id="settings.doctor.seen"
                values={{ failed: failed.length, all: doctor.data.checks.length }}
              />
            )}
          </output>
        }
      >
        <Button disabled={doctor.isPending} onClick={() => doctor.mutate({ repair: false })}>
          <FormattedMessage id={doctor.isPending ? "settings.doctor.running" : "settings.doctor.run"} />
        </Button>
        {doctor.data !== undefined && (
          <CopyButton text={diagnosis(doctor.data)}>
            <FormattedMessage id="settings.doctor.copy" />
          </CopyButton>
        )}
      </Row>
      {doctor.error !== null && <ErrorNotice error={wireOf(doctor.error)} />}
      {failed.map(
        ({ check, error }) =>
          error !== null && (
            <div key={check} className={parts.block}>
              <ErrorNotice error={error} />
            </div>
          ),
      )}
      {doctor.data !== undefined && (
        <details className={parts.block} aria-label={intl.formatMessage({ id: "settings.doctor" })}>
          <summary>
            <FormattedMessage id="settings.doctor.show" />
          </summary>
          <pre className={styles.pre}>{diagnosis(doctor.data)}</pre>
        </details>
      )}
    </>
  );
}

/** What earlier crashes left. */
function Crashes() {
  const intl = useIntl();
  const host = useHost();
  const [reports, setReports] = useState<CrashReport[]>([]);
  useEffect(() => {
    let isWanted = true;
    void host.crashReports().then(
      (found) => isWanted && setReports(found),
      () => undefined,
    );
    return () => {
      isWanted = false;
    };
  }, [host]);
  const dismiss = (id: string) =>
    host.dismissCrashReport(id).then(
      () => setReports((now) => now.filter((report) => report.id !== id)),
      () => undefined,
    );
  if (!host.can.crashReports) {
    return null;
  }
  return (
    <Section
      title={<FormattedMessage id="settings.crashes" />}
      hint={<FormattedMessage id="settings.crashes.help" />}
    >
      <Card>
        {reports.length === 0 && (
          <p className={parts.block}>
            <FormattedMessage id="settings.crashes.none" />
          </p>
        )}
        {reports.map(({ id, at, text }) => (
          <div key={id} className={parts.block}>
            <Row label={longDate(intl, at)}>
              <CopyButton text={text}>
                <FormattedMessage id="copy.action" />
              </CopyButton>
              <Button look="quiet" onClick={() => void dismiss(id)}>
                <FormattedMessage id="settings.crashes.dismiss" />
              </Button>
            </Row>
            <details>
              <summary>
                <FormattedMessage id="settings.crashes.read" />
              </summary>
              <pre className={styles.pre}>{text}</pre>
            </details>
          </div>
        ))}
      </Card>
    </Section>
  );
}
