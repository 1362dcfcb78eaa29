import { useEffect, useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, EnteredSignIn } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation } from "../../ipc/query";
import { CommandLine } from "../../shared/CommandLine";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field } from "../../shared/Field";
import { Form, FormFoot } from "../../shared/Form";
import { Sheet } from "../../shared/Sheet";

/** Signs in to an account again, in the way in which it was connected. Its mail stays as it is. */
export function SignInSheet({ account, onClose }: { account: AccountView; onClose: () => void }) {
  const intl = useIntl();
  const door = useDoor();
  const { address } = account;
  const signIn = useCommandMutation("account_signin");
  const cancel = useCommandMutation("signin_cancel");
  const [password, setPassword] = useState("");
  const [page, setPage] = useState<string | null>(null);
  const isBrowser = account.auth === "oauth2";

  useEffect(
    () =>
      door.listen((event) => {
        if (event.event === "signin_opened" && event.address === address) {
          setPage(event.url);
          // The address stands beside it for the case that no browser opens.
          door.openExternal(event.url).catch(() => {});
        }
      }),
    [door, address],
  );

  const begin = (sign_in: EnteredSignIn) =>
    signIn.mutate({ address, sign_in }, { onSuccess: onClose, onError: () => setPage(null) });
  const close = () => {
    if (isBrowser && signIn.isPending) {
      cancel.mutate({ address });
    }
    onClose();
  };

  return (
    <Sheet title={intl.formatMessage({ id: "mail.signIn.title" }, { address })} onClose={close}>
      {signIn.error !== null && <ErrorNotice error={wireOf(signIn.error)} />}
      <Form onSubmit={() => begin(isBrowser ? { kind: "oauth" } : { kind: "password", password })}>
        {isBrowser ? (
          <p>
            <FormattedMessage id={page === null ? "mail.signIn.browser" : "mail.signIn.waiting"} />
          </p>
        ) : (
          <Field
            type="password"
            autoComplete="current-password"
            label={
              <FormattedMessage
                id={account.auth === "app-password" ? "mail.signIn.appPassword" : "mail.signIn.password"}
              />
            }
            value={password}
            onType={setPassword}
          />
        )}
        {page !== null && <CommandLine command={page} />}
        <FormFoot
          submit={<FormattedMessage id={signIn.isPending ? "mail.signIn.running" : "mail.signIn.do"} />}
          disabled={signIn.isPending || (!isBrowser && password === "")}
          onCancel={close}
        />
      </Form>
    </Sheet>
  );
}
