import { FormattedMessage, useIntl } from "react-intl";

import { grouped } from "./certificate";
import type { ShownCertificate } from "./certificate";
import styles from "./CertificateChain.module.css";

/** The certificates that a server showed: its own, and behind a line those of whoever vouches for it. */
export function CertificateChain({ chain }: { chain: readonly ShownCertificate[] }) {
  const [own, ...others] = chain;
  if (own === undefined) {
    return null;
  }
  return (
    <div className={styles.chain}>
      <Certificate certificate={own} />
      {others.length > 0 && (
        <details className={styles.more}>
          <summary>
            <FormattedMessage id="certificate.others" values={{ count: others.length }} />
          </summary>
          <div className={styles.chain}>
            {others.map((certificate) => (
              <Certificate key={certificate.fingerprint} certificate={certificate} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

/** What stands in a certificate, to compare it with what somebody says. */
export function Certificate({ certificate }: { certificate: ShownCertificate }) {
  const intl = useIntl();
  const { subject, issuer, names, from, until, fingerprint } = certificate;
  const day = (at: number) => intl.formatDate(at, { dateStyle: "long" });
  return (
    <div className={styles.certificate}>
      <dl className={styles.facts}>
        <dt>
          <FormattedMessage id="certificate.subject" />
        </dt>
        <dd>{[subject, ...names.filter((name) => name !== subject)].filter(Boolean).join(", ") || "–"}</dd>
        <dt>
          <FormattedMessage id="certificate.issuer" />
        </dt>
        <dd>{issuer === subject ? <FormattedMessage id="certificate.itself" /> : issuer || "–"}</dd>
        {until !== null && (
          <>
            <dt>
              <FormattedMessage id="certificate.validity" />
            </dt>
            <dd>
              {from === null
                ? intl.formatMessage({ id: "certificate.until" }, { until: day(until) })
                : intl.formatDateTimeRange(from, until, { dateStyle: "long" })}
            </dd>
          </>
        )}
        <dt>SHA-256</dt>
        <dd className={styles.fingerprint}>{grouped(fingerprint)}</dd>
      </dl>
    </div>
  );
}
