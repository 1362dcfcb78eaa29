import type { AccountView, DetectionView, StepView, WireError } from "../../ipc/contract";
import { canonical } from "./address";
import { stepsOf } from "./ladder";
import { withProgress } from "./load";
import {
  askNetwork,
  at,
  connected,
  detect,
  enter,
  findApproval,
  finish,
  notifyStep,
  openServers,
  signatureStep,
  stay,
  sync,
  test,
} from "./moves";
import { bestOf, usableForms } from "./offers";
import { returnTo } from "./returning";
import { addressOf, detectionOf, proofsOf, registrationToKeep } from "./state";
import type { Event, Next, State } from "./state";

const belongs = (state: State, run: number) => run === state.run;
const same = (state: State, address: string) => address.toLowerCase() === addressOf(state).toLowerCase();

function detected(state: State, offline: boolean, detection: DetectionView): Next {
  const known = detection.candidates.some((candidate) => candidate.confirmed);
  if (!offline || known) {
    return stay({ ...state, look: { state: "answered", detection } });
  }
  return askNetwork(state, detection.steps);
}

function detectionFailed(state: State, offline: boolean, error: WireError): Next {
  return offline && error.code === "provider_unknown"
    ? askNetwork(state, stepsOf(error))
    : stay({ ...state, look: { state: "failed", error } });
}

function added(state: State, account: AccountView): Next {
  const keep = registrationToKeep(state);
  const [after, effects] = connected(state, account);
  return [after, keep === null ? effects : [{ type: "keep_registration", payload: keep }, ...effects]];
}

/** What the core knows of an account that waits: it may have been let in meanwhile. */
function found(state: State, account: AccountView | null): Next {
  const { step } = state;
  if (step.kind !== "approval") {
    return stay(state);
  }
  if (account === null) {
    return stay(at(state, { kind: "address", tried: false, error: null }));
  }
  const known = {
    ...state,
    account: { address: account.address, provider: account.provider, auth: account.auth },
  };
  return account.approval === null && account.state === "working"
    ? connected(known, account)
    : stay(at(known, { ...step, account }));
}

function addingFailed(state: State, error: WireError): State {
  const { step } = state;
  if (step.kind !== "adding" || step.from === "approval") {
    return state;
  }
  const { to, focus, quiet } = returnTo(error, step.from, step.form);
  const shown = quiet ? null : error;
  switch (to) {
    case "address":
      // The person's consent was for servers that turned out to be others.
      return at(enter(state, { approved: null }), { kind: "address", tried: true, error: shown });
    case "servers":
      return at(step.from === "servers" ? state : openServers(state), {
        kind: "servers",
        tried: step.from === "servers",
        error: shown,
        focus,
      });
    case "signin": {
      const forms = usableForms(bestOf(detectionOf(state)));
      const wants = error.code === "auth_app_password_needed" && forms.includes("app-password");
      return at(state, { kind: "signin", form: wants ? "app-password" : step.form, error: shown, focus });
    }
  }
}

/** What an answer of the core leads to, when it still belongs to somebody. */
export function answered(state: State, event: Event): Next {
  const { step } = state;
  if (event.type === "synced" || event.type === "sync_failed") {
    return event.run === state.loadRun ? loadEnded(state, event) : stay(state);
  }
  if ("run" in event && !belongs(state, event.run)) {
    return stay(state);
  }
  switch (event.type) {
    case "provider_learned":
      return detect({ ...state, look: { state: "idle" } });
    case "learning_failed":
      return stay({
        ...at(state, { kind: "address", tried: true, error: event.error }),
        look: { state: "idle" },
      });
    case "detected":
      return detected(state, event.offline, event.detection);
    case "detection_failed":
      return detectionFailed(state, event.offline, event.error);
    case "account_added":
      return added(state, event.account);
    case "account_found":
      return found(state, event.account);
    case "approval_refused":
      return stay(step.kind === "approval" ? at(state, { ...step, error: event.error }) : state);
    case "adding_failed": {
      if (event.error.code === "oauth_admin_consent_needed" && step.kind === "adding") {
        return findApproval(state);
      }
      if (step.kind === "adding" && step.from === "approval") {
        const error = event.error.code === "cancelled" ? null : event.error;
        return findApproval(at(state, { kind: "approval", account: null, error }));
      }
      const after = addingFailed(state, event.error);
      // The list that was agreed to is not the list that is found now: it is shown anew before anything is agreed to.
      return event.error.code === "servers_unconfirmed" ? detect(after) : stay(after);
    }
    case "browser_failed":
      return step.kind === "adding" && step.browser?.url === event.url
        ? stay(at(state, { ...step, browser: { ...step.browser, failed: true } }))
        : stay(state);
    case "answer_taken":
    case "answer_refused":
      if (step.kind !== "adding" || step.browser === null) {
        return stay(state);
      }
      return stay(
        at(state, {
          ...step,
          browser: {
            ...step.browser,
            answering: false,
            refused: event.type === "answer_refused" ? event.error : null,
          },
        }),
      );
    case "tested":
      return stay({
        ...state,
        test: { state: "ended", proofs: event.proofs, fullLoop: hasLoop(state), report: event.report },
      });
    case "certificate_kept":
      return test(state, hasLoop(state));
    case "test_failed":
      return stay({
        ...state,
        test: {
          state: "failed",
          proofs: proofsOf(state.test),
          fullLoop: hasLoop(state),
          error: event.error,
        },
      });
    case "folders_listed":
      return stay({ ...state, folders: { asking: false, folders: event.folders, error: null } });
    case "listing_failed":
      return stay({ ...state, folders: { ...state.folders, asking: false, error: event.error } });
    case "choice_saved":
      return sync(notifyStep({ ...state, load: { ...state.load, kept: event.messages } }));
    case "notify_saved":
      return stay(signatureStep(state));
    case "signature_saved":
      return finish(state);
    case "saving_failed":
      return stay(savingFailed(state, event.error));
    default:
      return told(state, event);
  }
}

function savingFailed(state: State, error: WireError): State {
  const { step } = state;
  switch (step.kind) {
    case "choose":
      return at(state, { kind: "choose", tried: true, saving: false, error });
    case "notify":
    case "signature":
      return at(state, { ...step, saving: false, error });
    default:
      return state;
  }
}

/** How the load ended. */
function loadEnded(state: State, event: Extract<Event, { type: "synced" | "sync_failed" }>): Next {
  if (event.type === "sync_failed") {
    return stay({ ...state, load: { ...state.load, end: { error: event.error } } });
  }
  const failed = event.reports.find((report) => report.error !== null)?.error ?? null;
  const kept = state.load.kept + event.reports.reduce((sum, report) => sum + report.added, 0);
  return stay({
    ...state,
    load: { ...state.load, kept, end: failed === null ? "done" : { error: failed } },
  });
}

/** True when the Test that runs, or ran last, has a message to the account itself. */
const hasLoop = ({ test: run }: State) => run.state !== "idle" && run.fullLoop;

/** What a source says while everybody is being asked. */
function stepped(state: State, address: string, step: StepView): State {
  const { look, entered } = state;
  if (look.state !== "asking" || canonical(address) !== canonical(entered.address)) {
    return state;
  }
  const isKnown = look.partial.some(({ source }) => source === step.source);
  const partial = isKnown
    ? look.partial.map((known) => (known.source === step.source ? step : known))
    : [...look.partial, step];
  return { ...state, look: { state: "asking", partial } };
}

/** What the core tells by itself, when it is about this account. */
function told(state: State, event: Event): Next {
  const { step } = state;
  if (event.type === "detection_stepped") {
    return stay(stepped(state, event.address, event.step));
  }
  if (!("address" in event) || !same(state, event.address)) {
    return stay(state);
  }
  switch (event.type) {
    case "signin_opened":
      if (step.kind !== "adding") {
        return stay(state);
      }
      return [
        at(state, { ...step, browser: { url: event.url, answering: false, refused: null, failed: false } }),
        [{ type: "open", url: event.url }],
      ];
    case "account_changed":
      return step.kind === "approval" && step.account !== null ? findApproval(state) : stay(state);
    case "proof_ended": {
      const { test: run } = state;
      if (run.state !== "running" || run.proofs.some(({ proof }) => proof === event.proof.proof)) {
        return stay(state);
      }
      return stay({ ...state, test: { ...run, proofs: [...run.proofs, event.proof] } });
    }
    case "sync_progressed": {
      // The core may begin to load as soon as there is an account, whatever step is open.
      if (state.account === null) {
        return stay(state);
      }
      const load = withProgress(state.load.load, event.folder, event.progress, event.at);
      return stay({ ...state, load: { ...state.load, load } });
    }
    case "inbox_readied":
      return state.account !== null
        ? stay({ ...state, load: { ...state.load, readied: event.messages } })
        : stay(state);
    default:
      return stay(state);
  }
}
