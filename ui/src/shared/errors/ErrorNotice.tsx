import { TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { WireError } from "../../ipc/contract";
import { chainOf } from "../certificate/certificate";
import { CertificateChain } from "../certificate/CertificateChain";
import { ExternalLink } from "../ExternalLink";
import styles from "./ErrorNotice.module.css";
import { errorText, pageOf } from "./text";

export { errorMessageId } from "./text";

/**
 * Says what went wrong, what it means, who can do what, and what the server said or showed; links the provider's own page
 * where one is known. `children` are things to do.
 */
export function ErrorNotice({ error, children }: { error: WireError; children?: ReactNode }) {
  const { title, help, fixer, reply } = errorText(useIntl(), error);
  const page = pageOf(error);
  return (
    <div role="alert" className={styles.notice}>
      <TriangleAlert aria-hidden className={styles.sign} />
      <div className={styles.words}>
        <p className={styles.title}>{title}</p>
        <p>{help}</p>
        {reply !== null && (
          <p className={styles.reply}>
            <FormattedMessage id="error.reply" values={{ reply: <q>{reply}</q> }} />
          </p>
        )}
        <CertificateChain chain={chainOf(error)} />
        <p className={styles.fixer}>{fixer}</p>
        {(children !== undefined || page !== null) && (
          <div className={styles.actions}>
            {children}
            {page !== null && <ExternalLink url={page} id="setup.note.open" />}
          </div>
        )}
      </div>
    </div>
  );
}
