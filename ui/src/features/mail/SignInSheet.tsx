import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import type { AccountView, EnteredSignIn } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { wireOf } from "../../ipc/door";
import { useCommandMutation, useCommandQuery } from "../../ipc/query";
import { Button } from "../../shared/Button";
import { Buttons } from "../../shared/Buttons";
import { TrustCertificate } from "../../shared/certificate/TrustCertificate";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { Field } from "../../shared/Field";
import { Form, FormFoot } from "../../shared/Form";
import { Sheet } from "../../shared/Sheet";
import { isQuietSignIn, signOf } from "../../shared/status/sign";
import { askedForm, formsAgain, issuerAgain, offersOf } from "../setup/again";
import { BrowserAnswer } from "../setup/BrowserAnswer";
import type { SignInForm } from "../setup/offers";
import { Caution } from "../setup/parts";
import parts from "../setup/parts.module.css";
import { useOpenedPage } from "../setup/useOpenedPage";
import type { OpenedPage } from "../setup/useOpenedPage";
import styles from "./SignInSheet.module.css";

interface SignInSheetProps {
  account: AccountView;
  onClose: () => void;
}

/**
 * Signs in to an account that is known, in the way in which it was connected or in another one that its servers have. Its
 * mail stays as it is.
 */
export function SignInSheet({ account, onClose }: SignInSheetProps) {
  const intl = useIntl();
  const { address } = account;
  const signIn = useCommandMutation("account_signin");
  const cancel = useCommandMutation("signin_cancel");
  const trust = useCommandMutation("certificate_trust");
  // Nobody on the network is asked: what this computer knows of the provider.
  const detection = useCommandQuery("account_detect", { address, offline: true, allow_http: false });
  const [password, setPassword] = useState("");
  const [chosen, setChosen] = useState<{ form: SignInForm; after: Error | null } | null>(null);
  const page = useOpenedPage(address, signIn.isPending);

  const failure = trust.error ?? signIn.error;
  const error = failure === null ? null : wireOf(failure);
  const offers = offersOf(account, detection.data);
  const issuer = issuerAgain(account, offers);
  const forms = formsAgain(account, offers, error ?? account.error);
  // A form holds until an answer asks for another one.
  const holds = chosen !== null && (chosen.after === failure || askedForm(error) === null);
  const form = holds ? chosen.form : forms[0];
  const isQuiet = isQuietSignIn(signOf(account));

  const begin = () => {
    setChosen({ form, after: failure });
    trust.reset();
    const sign_in: EnteredSignIn =
      form === "browser"
        ? { kind: "oauth", ...(issuer === null ? {} : { issuer }) }
        : { kind: "password", password };
    signIn.mutate({ address, sign_in }, { onSuccess: onClose });
  };
  const close = () => {
    if (signIn.isPending && form === "browser") {
      cancel.mutate({ address });
    }
    onClose();
  };

  return (
    <Sheet
      title={intl.formatMessage({ id: isQuiet ? "mail.signIn.titleTo" : "mail.signIn.title" }, { address })}
      onClose={close}
    >
      {error !== null && error.code !== "cancelled" && (
        <ErrorNotice error={error}>
          {form !== "browser" && (
            <TrustCertificate
              error={error}
              onTrust={(certificate) => trust.mutate({ address, ...certificate }, { onSuccess: begin })}
            />
          )}
        </ErrorNotice>
      )}
      {page === null ? (
        <Form onSubmit={begin}>
          {form === "browser" ? (
            <p>
              <FormattedMessage id="mail.signIn.browser" />
            </p>
          ) : (
            <Field
              key={form}
              type="password"
              autoComplete="current-password"
              label={
                <FormattedMessage
                  id={form === "app-password" ? "mail.signIn.appPassword" : "mail.signIn.password"}
                />
              }
              value={password}
              onType={setPassword}
            />
          )}
          {!signIn.isPending && (
            <Others
              forms={forms.filter((other) => other !== form)}
              onChoose={(other) => setChosen({ form: other, after: failure })}
            />
          )}
          <FormFoot
            submit={
              <FormattedMessage
                id={
                  signIn.isPending ? "mail.signIn.running" : isQuiet ? "mail.signIn.start" : "mail.signIn.do"
                }
              />
            }
            disabled={signIn.isPending || (form !== "browser" && password === "")}
            onCancel={close}
          />
        </Form>
      ) : (
        <Waiting page={page} onCancel={close} />
      )}
    </Sheet>
  );
}

/** Other ways to sign in. */
function Others({ forms, onChoose }: { forms: readonly SignInForm[]; onChoose: (form: SignInForm) => void }) {
  return forms.length === 0 ? null : (
    <div className={styles.others}>
      {forms.map((form) => (
        <button key={form} type="button" className={parts.link} onClick={() => onChoose(form)}>
          <FormattedMessage id={`setup.signin.${form}.instead`} />
        </button>
      ))}
    </div>
  );
}

/** The sign-in while it runs in the browser. */
function Waiting({ page, onCancel }: { page: OpenedPage; onCancel: () => void }) {
  const door = useDoor();
  const hand = useCommandMutation("signin_answer");
  const [answer, setAnswer] = useState("");
  return (
    <div className={styles.waiting}>
      <output>
        <FormattedMessage id="mail.signIn.waiting" />
      </output>
      {page.failed && (
        <Caution>
          <FormattedMessage id="setup.browser.failed" />
        </Caution>
      )}
      <BrowserAnswer
        url={page.url}
        answering={hand.isPending}
        refused={hand.error === null ? null : wireOf(hand.error)}
        answer={answer}
        onType={setAnswer}
        onAnswer={() => hand.mutate({ text: answer.trim() })}
      />
      <Buttons>
        <Button
          look="primary"
          onClick={() => {
            // A browser that does not open is no end: the address is on the screen.
            door.openExternal(page.url).catch(() => undefined);
          }}
        >
          <FormattedMessage id="setup.browser.again" />
        </Button>
        <Button onClick={onCancel}>
          <FormattedMessage id="app.cancel" />
        </Button>
      </Buttons>
    </div>
  );
}
