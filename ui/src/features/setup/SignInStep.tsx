import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import type { CandidateView, WireError } from "../../ipc/contract";
import { TrustCertificate } from "../../shared/certificate/TrustCertificate";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import fields from "../../shared/Field.module.css";
import { ACCOUNT_KINDS, addressOf, canSignIn, detectionOf, serviceOf } from "./state";
import type { State, Step } from "./state";
import { appPasswordUrl, bestOf, unavailable, usableForms } from "./offers";
import { ExternalLink } from "../../shared/ExternalLink";
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
          {typeof candidate?.web === "string" && <ExternalLink url={candidate.web} id="setup.signin.web" />}
          {MAY_NEED_ADMINISTRATOR.has(step.error.code) && step.form === "browser" && (
            <Button onClick={() => send({ type: "approval_wanted" })}>
              <FormattedMessage id="approval.pageSaid" />
            </Button>
          )}
          <Delegate state={state} error={step.error} send={send} />
          {step.form !== "browser" && (
            <TrustCertificate
              error={step.error}
              onTrust={(certificate) => send({ type: "certificate_trusted", certificate })}
            />
          )}
        </ErrorNotice>
      )}
      <Unavailable candidate={candidate} />
      {step.form !== "browser" && (
        <Notes candidate={candidate} isApp={step.form === "app-password"} send={send} />
      )}
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
function Notes({ candidate, isApp, send }: { candidate: CandidateView | null; isApp: boolean; send: Send }) {
  const intl = useIntl();
  const notes = candidate?.notes ?? [];
  const make = isApp ? appPasswordUrl(candidate) : null;
  const named = new Set([make, ...notes.map(({ url }) => url)]);
  const help = candidate?.help.find((page) => !named.has(page));
  if (notes.length === 0 && !isApp) {
    return help === undefined ? null : (
      <p className={parts.quiet}>
        <ExternalLink url={help} id="setup.signin.help" />
      </p>
    );
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
            {code === "main_address" && (
              <button type="button" className={parts.link} onClick={() => send({ type: "servers_wanted" })}>
                <FormattedMessage id="setup.address.byHand" />
              </button>
            )}
          </li>
        ))}
        {isApp && (
          <li>
            <FormattedMessage id="setup.note.app_password" />{" "}
            {make !== null && <ExternalLink url={make} id="setup.note.make" />}
          </li>
        )}
      </ol>
      {help !== undefined && <ExternalLink url={help} id="setup.signin.help" />}
    </section>
  );
}

/** Codes of a sign-in that did not come back with access: the page may have asked for an administrator. */
const MAY_NEED_ADMINISTRATOR = new Set(["oauth_denied", "oauth_timeout"]);

/** Services without mailboxes that several people open: Google's has none, and Microsoft's servers were asked already. */
const NO_DELEGATES = new Set(["google", "microsoft"]);

/** Somebody else signed in: that is how a shared mailbox is opened. */
function Delegate({ state, error, send }: { state: State; error: WireError; send: Send }) {
  const { signed_in: name } = error.params;
  return error.code === "oauth_wrong_mailbox" &&
    typeof name === "string" &&
    name.includes("@") &&
    !NO_DELEGATES.has(serviceOf(state) ?? "") ? (
    <Button onClick={() => send({ type: "delegate_accepted", address: name })}>
      <FormattedMessage id="setup.signin.shared.accept" values={{ name }} />
    </Button>
  ) : null;
}

/** Which of Microsoft's accounts that go by the address. */
function KindField({ state, send }: { state: State; send: Send }) {
  const { accountKind } = state.entered;
  return (
    <fieldset className={parts.group}>
      <legend>
        <FormattedMessage id="setup.signin.kind" />
      </legend>
      {ACCOUNT_KINDS.map((kind) => (
        <label key={kind} className={fields.check}>
          <input
            type="radio"
            name="setup-account-kind"
            checked={accountKind === kind}
            onChange={() => send({ type: "account_kind_chosen", kind })}
          />
          <FormattedMessage id={`setup.signin.kind.${kind}`} />
        </label>
      ))}
    </fieldset>
  );
}

/** Who signs in to a mailbox that several people share. */
function SharedField({ state, send }: { state: State; send: Send }) {
  const { signInAs } = state.entered;
  return (
    <details className={parts.details} open={signInAs !== ""}>
      <summary>
        <FormattedMessage id="setup.signin.shared" />
      </summary>
      <Input
        type="email"
        label={<FormattedMessage id="setup.signin.shared.label" />}
        hint={<FormattedMessage id="setup.signin.shared.hint" values={{ address: addressOf(state) }} />}
        value={signInAs}
        onType={(text) => send({ type: "text_typed", field: "signInAs", text })}
      />
    </details>
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
      {usable && service === "microsoft" && <KindField state={state} send={send} />}
      {usable && service !== "google" && <SharedField state={state} send={send} />}
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
