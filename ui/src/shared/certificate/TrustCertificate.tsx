import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { TrustedCertificate, WireError } from "../../ipc/contract";
import { useCommandQuery } from "../../ipc/query";
import { Ask } from "../Ask";
import { Button } from "../Button";
import { chainOf, exceptionFor } from "./certificate";
import { CertificateChain } from "./CertificateChain";
import styles from "./CertificateChain.module.css";

interface TrustCertificateProps {
  error: WireError;
  onTrust: (certificate: TrustedCertificate) => void;
}

/** A way past a certificate that nobody vouches for, after a plain question; nothing where there is none. */
export function TrustCertificate({ error, onTrust }: TrustCertificateProps) {
  const exception = exceptionFor(error);
  return exception === null ? null : <Offer error={error} exception={exception} onTrust={onTrust} />;
}

function Offer({ error, exception, onTrust }: TrustCertificateProps & { exception: TrustedCertificate }) {
  const intl = useIntl();
  const settings = useCommandQuery("settings_get", {});
  const [isAsked, setAsked] = useState(false);
  if (settings.data?.certificate_exceptions !== true) {
    return null;
  }
  const { host, port } = exception;
  return (
    <>
      <Button onClick={() => setAsked(true)}>
        <FormattedMessage id="certificate.trust" />
      </Button>
      {isAsked && (
        <Ask
          isDanger
          title={intl.formatMessage({ id: "certificate.trust.title" }, { host })}
          help={
            <span className={styles.question}>
              <span>
                <FormattedMessage id="certificate.trust.danger" />
              </span>
              <span>
                <FormattedMessage id="certificate.trust.scope" values={{ server: `${host}:${port}` }} />
              </span>
            </span>
          }
          more={<CertificateChain chain={chainOf(error).slice(0, 1)} />}
          yes={intl.formatMessage({ id: "certificate.trust.yes" })}
          no={intl.formatMessage({ id: "app.cancel" })}
          onYes={() => {
            setAsked(false);
            onTrust(exception);
          }}
          onNo={() => setAsked(false)}
        />
      )}
    </>
  );
}
