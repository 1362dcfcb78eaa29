import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import type { AccountView, CandidateView } from "../../ipc/contract";
import { ErrorNotice } from "../../shared/errors/ErrorNotice";
import { addressProblem, domainOf } from "./address";
import { DetectionLadder } from "./DetectionLadder";
import { addressOf, detectionOf } from "./state";
import type { State, Step } from "./state";
import { stepsOf } from "./ladder";
import { bestOf, hasServers, othersOf, usableForms } from "./offers";
import { Caution, Input, StepFoot, StepForm, StepHead, Submit } from "./parts";
import { ProviderPicker } from "./ProviderPicker";
import { hostAndPort, hostOf } from "./servers";
import styles from "./AddressStep.module.css";
import parts from "./parts.module.css";
import { term } from "./terms";
import type { Send } from "./useWizard";

type AddressStepState = Extract<Step, { kind: "address" }>;

/** One field for the address, the ladder of those who were asked, and what they found. */
export function AddressStep({
  state,
  step,
  send,
  canLeave,
  accounts,
}: {
  state: State;
  step: AddressStepState;
  send: Send;
  canLeave: boolean;
  accounts: readonly AccountView[];
}) {
  const [isPicking, setPicking] = useState(false);
  const { look, entered } = state;
  const problem = addressProblem(entered.address);
  const candidate = bestOf(detectionOf(state));
  const unknown = look.state === "failed" && look.error.code === "provider_unknown";
  // Somebody was asked, who may have been out of reach: the person may know better, or another way.
  const asked = unknown || (look.state === "failed" && stepsOf(look.error).length > 0);
  // Trying again would change nothing: there is no way in.
  const isClosed = look.state === "failed" && look.error.code === "provider_without_imap";
  const submit = () => {
    if (unknown) {
      send({ type: "servers_wanted" });
    } else {
      send(look.state === "answered" ? { type: "candidate_accepted" } : { type: "address_submitted" });
    }
  };
  const goOn = (address: string) => {
    const account = accounts.find((known) => known.address.toLowerCase() === address.toLowerCase());
    send(account === undefined ? { type: "existing_accepted" } : { type: "resumed", account });
  };
  return (
    <StepForm onSubmit={submit}>
      <StepHead title={<FormattedMessage id="setup.address.title" />}>
        <FormattedMessage id="setup.address.lead" />
      </StepHead>
      <Unfinished accounts={accounts} send={send} />
      <Input
        large
        focused
        type="email"
        inputMode="email"
        autoComplete="email"
        label={<FormattedMessage id="setup.address.label" />}
        value={entered.address}
        onType={(text) => send({ type: "text_typed", field: "address", text })}
        onBlur={() => send({ type: "address_left" })}
        problem={
          step.tried && problem !== null ? <FormattedMessage id={`setup.address.${problem}`} /> : undefined
        }
      />
      <div aria-live="polite" aria-busy={look.state === "asking"} className={styles.findings}>
        <DetectionLadder look={look} address={entered.address} />
        {look.state === "answered" && <Found candidate={candidate} address={addressOf(state)} />}
        <Others
          candidates={othersOf(detectionOf(state))}
          onPick={(other) => send({ type: "candidate_picked", candidate: other })}
        />
      </div>
      {look.state === "failed" && <ErrorNotice error={look.error} />}
      {step.error !== null && (
        <ErrorNotice error={step.error}>
          {step.error.code === "account_exists" && (
            <Button onClick={() => goOn(addressOf(state))}>
              <FormattedMessage id="setup.address.existing" />
            </Button>
          )}
        </ErrorNotice>
      )}
      {asked && !wasAskedUnencrypted(look) && (
        <Unencrypted
          domain={domainOf(entered.address)}
          isFolded={!unknown}
          onAsk={() => send({ type: "unencrypted_wanted" })}
        />
      )}
      {(asked || isDoubtful(candidate)) && !isPicking && (
        <div>
          <button type="button" className={parts.link} onClick={() => setPicking(true)}>
            <FormattedMessage id="setup.provider.choose" />
          </button>
        </div>
      )}
      {isPicking && look.state !== "asking" && problem === null && (
        <ProviderPicker
          domain={domainOf(entered.address)}
          onPick={(provider) => {
            setPicking(false);
            send({ type: "provider_chosen", provider });
          }}
          onClose={() => setPicking(false)}
        />
      )}
      <StepFoot step={1}>
        {!isClosed && (
          <Submit disabled={problem !== null || look.state === "asking"}>
            <Forward look={unknown ? "unknown" : look.state} candidate={candidate} />
          </Submit>
        )}
        {unknown && (
          <Button onClick={() => send({ type: "address_submitted" })}>
            <FormattedMessage id="setup.again" />
          </Button>
        )}
        {!unknown && (look.state !== "idle" || step.tried) && problem === null && (
          <Button onClick={() => send({ type: "servers_wanted" })}>
            <FormattedMessage
              id={look.state === "answered" ? "setup.address.notThis" : "setup.address.byHand"}
            />
          </Button>
        )}
        {canLeave && (
          <Button onClick={() => send({ type: "left" })}>
            <FormattedMessage id="setup.cancel" />
          </Button>
        )}
      </StepFoot>
    </StepForm>
  );
}

/** True when the unencrypted connection was tried as well. */
function wasAskedUnencrypted(look: State["look"]): boolean {
  return look.state === "failed" && stepsOf(look.error).some(({ source }) => source === "plain_autoconfig");
}

/** Notes that say why servers are only suspected. */
const DOUBTS = new Set([
  "found_unencrypted",
  "mail_goes_elsewhere",
  "servers_outside_domain",
  "only_guessed",
]);

/** True where the person may know better than the list: a suspicion, or what was said here before. */
function isDoubtful(candidate: CandidateView | null): boolean {
  return candidate !== null && (!candidate.confirmed || candidate.source === "learned");
}

/** The question whether to ask without encryption too; folded away where something else is the likelier reason. */
function Unencrypted({ domain, isFolded, onAsk }: { domain: string; isFolded: boolean; onAsk: () => void }) {
  const question = (
    <Caution>
      <p>
        <FormattedMessage id="setup.unencrypted.help" values={{ domain }} />
      </p>
      <Button onClick={onAsk}>
        <FormattedMessage id="setup.unencrypted.ask" />
      </Button>
    </Caution>
  );
  return isFolded ? (
    <details className={parts.details}>
      <summary>
        <FormattedMessage id="setup.unencrypted.more" />
      </summary>
      {question}
    </details>
  ) : (
    question
  );
}

/** What else was answered: who said it, and the way to use it instead. */
function Others({
  candidates,
  onPick,
}: {
  candidates: readonly CandidateView[];
  onPick: (candidate: CandidateView) => void;
}) {
  const intl = useIntl();
  if (candidates.length === 0) {
    return null;
  }
  return (
    <details className={parts.details}>
      <summary>
        <FormattedMessage id="setup.others" />
      </summary>
      <ul className={styles.others}>
        {candidates.map((candidate) => {
          const servers = serversOf(candidate);
          const title = candidate.name ?? servers;
          return (
            <li key={`${candidate.source} ${title} ${servers}`}>
              <div>
                <p className={parts.strong}>{title}</p>
                {servers !== title && servers !== "" && <p className={parts.quiet}>{servers}</p>}
                <p className={parts.quiet}>
                  <FormattedMessage
                    id="setup.found.from"
                    values={{ source: term(intl, "from", candidate.source) }}
                  />
                </p>
              </div>
              <Button
                aria-label={intl.formatMessage(
                  { id: "setup.others.useOf" },
                  { servers: servers === "" ? title : servers },
                )}
                onClick={() => onPick(candidate)}
              >
                <FormattedMessage id="setup.others.use" />
              </Button>
            </li>
          );
        })}
      </ul>
      {candidates.some(({ provider }) => provider !== null) && (
        <p className={parts.quiet}>
          <FormattedMessage id="setup.provider.help" />
        </p>
      )}
    </details>
  );
}

/** The hosts of a candidate, for showing. */
function serversOf({ imap, smtp }: CandidateView): string {
  const hosts = [imap[0], smtp[0]].filter((host) => host !== undefined);
  return [...new Set(hosts.map(hostOf))].join(" · ");
}

/** Mailboxes whose setup was left half way. */
function Unfinished({ accounts, send }: { accounts: readonly AccountView[]; send: Send }) {
  const open = accounts.filter((account) => !account.setup_done);
  if (open.length === 0) {
    return null;
  }
  return (
    <section className={parts.card} aria-labelledby="setup-unfinished">
      <h2 id="setup-unfinished">
        <FormattedMessage id="setup.unfinished.title" />
      </h2>
      <ul className={styles.unfinished}>
        {open.map((account) => (
          <li key={account.address}>
            <span>{account.address}</span>
            <Button onClick={() => send({ type: "resumed", account })}>
              <FormattedMessage id="setup.unfinished.goOn" />
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Forward({
  look,
  candidate,
}: {
  look: State["look"]["state"] | "unknown";
  candidate: CandidateView | null;
}) {
  if (look === "asking") {
    return <FormattedMessage id="setup.address.asking" />;
  }
  if (look === "unknown") {
    return <FormattedMessage id="setup.address.enterServers" />;
  }
  if (look !== "answered") {
    return <FormattedMessage id={look === "failed" ? "setup.again" : "setup.continue"} />;
  }
  if (candidate === null || !hasServers(candidate)) {
    return <FormattedMessage id="setup.address.enterServers" />;
  }
  return <FormattedMessage id={candidate.confirmed ? "setup.continue" : "setup.address.approve"} />;
}

function Found({ candidate, address }: { candidate: CandidateView | null; address: string }) {
  const intl = useIntl();
  if (candidate === null) {
    return null;
  }
  const [best] = usableForms(candidate);
  const hosts = [...new Set([candidate.imap[0], candidate.smtp[0]].filter((host) => host !== undefined))];
  // The person agrees to these and no others.
  const all = [...new Set([...candidate.imap, ...candidate.smtp].map(hostAndPort))];
  const doubts = candidate.notes.filter(({ code }) => DOUBTS.has(code));
  return (
    <>
      <section className={parts.card} aria-labelledby="setup-found">
        <h2 id="setup-found">{candidate.name ?? domainOf(address)}</h2>
        {hosts.length > 0 && <p className={parts.quiet}>{serversOf(candidate)}</p>}
        <p className={parts.quiet}>
          <FormattedMessage id="setup.found.from" values={{ source: term(intl, "from", candidate.source) }} />
        </p>
        {candidate.agreed.length > 0 && (
          <p className={parts.quiet}>
            <FormattedMessage
              id="setup.found.agreed"
              values={{
                sources: intl.formatList(candidate.agreed.map((source) => term(intl, "from", source))),
              }}
            />
          </p>
        )}
        {hosts.length > 0 && best !== undefined && (
          <p>
            <FormattedMessage id={`setup.found.${best}`} />
          </p>
        )}
        {hosts.length === 0 && (
          <p>
            <FormattedMessage id="setup.note.servers_must_be_entered" />
          </p>
        )}
      </section>
      {!candidate.confirmed && hosts.length > 0 && (
        <Caution>
          <p className={parts.strong}>
            <FormattedMessage id="setup.approve.title" />
          </p>
          {doubts.map(({ code }) => (
            <p key={code}>{term(intl, "note", code)}</p>
          ))}
          {doubts.length === 0 && (
            <p>
              <FormattedMessage id="setup.approve.help" />
            </p>
          )}
          <p>
            <FormattedMessage id="setup.approve.nothingSent" values={{ servers: intl.formatList(all) }} />
          </p>
        </Caution>
      )}
    </>
  );
}
