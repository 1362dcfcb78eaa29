import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { errorText } from "../../shared/errors/text";
import { size } from "../../shared/quantity";
import { Sheet } from "../../shared/Sheet";
import styles from "./RemoveSheet.module.css";

/** Asks before an account is removed, and says afterwards what went and what stays. */
export function RemoveSheet({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const intl = useIntl();
  const remove = useCommandMutation("account_remove");
  const { address } = account;
  const receipt = remove.data;
  return (
    <Sheet
      isQuestion
      title={intl.formatMessage(
        { id: receipt === undefined ? "settings.remove.title" : "settings.remove.done" },
        { address },
      )}
      onClose={onClose}
    >
      {receipt === undefined ? (
        <>
          <ul className={styles.points}>
            <li>
              <FormattedMessage id="settings.remove.messages" values={{ count: account.messages }} />
            </li>
            <li>
              <FormattedMessage id="settings.remove.unsent" />
            </li>
            <li>
              <FormattedMessage
                id={account.auth === "oauth2" ? "settings.remove.grant" : "settings.remove.password"}
              />
            </li>
            <li>
              <FormattedMessage id="settings.remove.stays" />
            </li>
          </ul>
          {remove.error !== null && <ErrorNotice error={wireOf(remove.error)} />}
          <Buttons>
            <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate({ address })}>
              <FormattedMessage id={remove.isPending ? "settings.remove.running" : "settings.remove.yes"} />
            </Button>
            <Button disabled={remove.isPending} onClick={onClose}>
              <FormattedMessage id="settings.remove.no" />
            </Button>
          </Buttons>
        </>
      ) : (
        <>
          <ul className={styles.points}>
            <li>
              <FormattedMessage
                id="settings.remove.went"
                values={{ count: receipt.messages, size: size(intl, receipt.bytes) }}
              />
            </li>
            <li>
              <FormattedMessage
                id={receipt.secrets_removed ? "settings.remove.secrets" : "settings.remove.secretsStay"}
              />
            </li>
            {account.auth === "oauth2" && (
              <li>
                <FormattedMessage
                  id={receipt.revoked ? "settings.remove.revoked" : "settings.remove.notRevoked"}
                />{" "}
                {receipt.revoke_error !== null && errorText(intl, receipt.revoke_error).title}
              </li>
            )}
            <li>
              <FormattedMessage id="settings.remove.stays" />
            </li>
          </ul>
          <Buttons>
            <Button look="primary" onClick={onClose}>
              <FormattedMessage id="app.close" />
            </Button>
          </Buttons>
        </>
      )}
    </Sheet>
  );
}
