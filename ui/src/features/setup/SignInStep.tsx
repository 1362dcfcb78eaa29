import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import type { CandidateView } from "../../ipc/contract";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { addressOf, canSignIn, detectionOf } from "./state";
import type { State, Step } from "./state";
import { appPasswordUrl, bestOf, unavailable, usableForms } from "./offers";
import { ExternalLink, PageOf } from "./ExternalLink";
import { Caution, FormStepFoot, Input, StepForm, StepHead } from "./parts";
import { RegistrationFields } from "./RegistrationFields";
import { mayBeWrongServer } from "./returning";
import styles from "./SignInStep.module.css";
import parts from "./parts.module.css";
import { term } from "./terms";
import type { Send } from "./useWizard";

type SignInStepState = Extract<Step, { kind: "signin" }>;

/** Signing in, in the form that fits the provider. */
export function SignInStep({ state, step, send }: { state: State; step: SignInStepState; send: Send }) {
  const candidate = bestOf(detectionOf(state));
  const provider = candidate?.name ?? addressOf(state);
  const others = usableForms(candidate).filter((form) => form !== step.form);
  return (
    <StepForm onSubmit={() => send({ type: "signin_submitted" })}>
      <StepHead title={<FormattedMessage id="setup.signin.title" values={{ provider }} />}>
        <FormattedMessage id={`setup.signin.${step.form}.lead`} values={{ address: addressOf(state) }} />
      </StepHead>
      {step.error !== null && (
        <ErrorNotice error={step.error}>
          {mayBeWrongServer(step.error) && (
            <Button onClick={() => send({ type: "servers_wanted" })}>
              <FormattedMessage id="setup.address.byHand" />
            </Button>
          )}
          <PageOf error={step.error} />
        </ErrorNotice>
      )}
      <Unavailable candidate={candidate} />
      {step.form !== "browser" && <Notes candidate={candidate} isApp={step.form === "app-password"} />}
      {step.form === "browser" ? (
        <BrowserForm state={state} send={send} />
      ) : (
        <Input
          key={step.form}
          type="password"
          autoComplete="current-password"
          focused={step.error === null || step.focus === "password"}
          label={<FormattedMessage id={`setup.signin.${step.form}.label`} />}
          hint={<FormattedMessage id="setup.signin.kept" />}
          value={state.entered.password}
          onType={(text) => send({ type: "text_typed", field: "password", text })}
        />
      )}
      {others.length > 0 && (
        <div className={styles.others}>
          {others.map((form) => (
            <button
              key={form}
              type="button"
              className={parts.link}
              onClick={() => send({ type: "form_chosen", form })}
            >
              <FormattedMessage id={`setup.signin.${form}.instead`} />
            </button>
          ))}
        </div>
      )}
      <FormStepFoot
        step={2}
        submit={`setup.signin.${step.form}.action`}
        disabled={!canSignIn(state)}
        onBack={() => send({ type: "went_back" })}
      />
    </StepForm>
  );
}

/** Ways that the provider has and that cannot be used here, with the reason. */
function Unavailable({ candidate }: { candidate: CandidateView | null }) {
  const intl = useIntl();
  return unavailable(candidate)
    .filter((offer) => offer.method === "oauth2")
    .map((offer) => (
      <Caution key={offer.method}>
        <p className={parts.strong}>
          <FormattedMessage id="setup.signin.noBrowser" />
        </p>
        <p>{term(intl, "unavailable", offer.unavailable ?? "")}</p>
      </Caution>
    ));
}

/** What has to be so at the provider before the password can work, with the provider's own pages. */
function Notes({ candidate, isApp }: { candidate: CandidateView | null; isApp: boolean }) {
  const intl = useIntl();
  const notes = candidate?.notes ?? [];
  const make = isApp ? appPasswordUrl(candidate) : null;
  if (notes.length === 0 && !isApp) {
    return null;
  }
  return (
    <section className={parts.card} aria-labelledby="setup-before">
      <h2 id="setup-before">
        <FormattedMessage id="setup.signin.before" />
      </h2>
      <ol className={styles.notes}>
        {notes.map(({ code, url }) => (
          <li key={code}>
            {term(intl, "note", code)} {url !== null && <ExternalLink url={url} id="setup.note.open" />}
          </li>
        ))}
        {isApp && (
          <li>
            <FormattedMessage id="setup.note.app_password" />{" "}
            {make !== null && <ExternalLink url={make} id="setup.note.make" />}
          </li>
        )}
      </ol>
    </section>
  );
}

function BrowserForm({ state, send }: { state: State; send: Send }) {
  const candidate = bestOf(detectionOf(state));
  const usable = usableForms(candidate).includes("browser");
  const service = candidate?.auth.find(({ method }) => method === "oauth2")?.service ?? null;
  const possible = unavailable(candidate).some((offer) => offer.unavailable === "no_client_id");
  return (
    <>
      {usable && (
        <p className={parts.quiet}>
          <FormattedMessage id="setup.signin.never" />
        </p>
      )}
      {(usable || possible) && (
        <details className={parts.details} open={!usable}>
          <summary>
            <FormattedMessage id="setup.registration.title" />
          </summary>
          <RegistrationFields
            registration={state.entered.registration}
            send={send}
            withIssuer={false}
            service={service}
          />
        </details>
      )}
    </>
  );
}
