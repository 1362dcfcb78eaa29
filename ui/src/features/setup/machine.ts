import type { DetectionView } from "../../ipc/contract";
import { addressProblem } from "./address";
import { answered } from "./answers";
import { firstChoice, toggled } from "./folders";
import { stepsOf } from "./ladder";
import {
  add,
  askAdministrator,
  askNetwork,
  at,
  back,
  cancelAdding,
  connected,
  detect,
  enter,
  finish,
  learn,
  list,
  openServers,
  openSignIn,
  pick,
  resumed,
  save,
  saveNotify,
  saveSignature,
  signatureStep,
  stay,
  sync,
  test,
  trust,
  tryApproval,
} from "./moves";
import { bestOf } from "./offers";
import { withSecurity } from "./servers";
import { addressOf, canSignIn, detectionOf, isOpenable, serversComplete } from "./state";
import type { Effect, Event, Look, Next, State, Step, TextField } from "./state";

/** The servers that the person saw and went on with. */
function shownServers(state: State, detection: DetectionView): State["entered"]["approved"] {
  const best = bestOf(detection);
  return { address: addressOf(state), servers: [...(best?.imap ?? []), ...(best?.smtp ?? [])] };
}

function typed(state: State, field: TextField, text: string): State {
  const { step } = state;
  if (field !== "address") {
    return enter(state, { [field]: text });
  }
  const isOther = text.trim() !== state.entered.address.trim();
  const entered = enter(state, { address: text });
  if (step.kind !== "address" || !isOther) {
    return entered;
  }
  // An answer to another address is no answer to this one; one that is still on its way finds nobody.
  const cleared: Step = { kind: "address", tried: step.tried && state.look.state === "idle", error: null };
  return { ...at(entered, cleared), look: { state: "idle" }, run: state.run + 1 };
}

/** What a decision of the person leads to. */
function decided(state: State, event: Event): Next | null {
  const { step, entered } = state;
  switch (event.type) {
    case "address_left":
      return step.kind === "address" && entered.address.trim() !== ""
        ? stay(at(state, { ...step, tried: true }))
        : stay(state);
    case "address_submitted":
      return step.kind === "address" && state.look.state !== "asking" ? detect(state) : stay(state);
    case "candidate_accepted":
      return step.kind === "address" && state.look.state === "answered"
        ? stay(openSignIn(enter(state, { approved: shownServers(state, state.look.detection) })))
        : stay(state);
    case "candidate_picked":
      return step.kind === "address" ? pick(state, event.candidate) : stay(state);
    case "unencrypted_wanted":
      return step.kind === "address" && state.look.state === "failed"
        ? askNetwork(state, stepsOf(state.look.error), true)
        : stay(state);
    case "servers_wanted":
      return (step.kind === "address" && addressProblem(entered.address) === null) || step.kind === "signin"
        ? stay(openServers({ ...state, run: state.run + 1, look: settled(state.look) }))
        : stay(state);
    case "form_chosen":
      return step.kind === "signin"
        ? stay(at(state, { ...step, form: event.form, error: null, focus: null }))
        : stay(state);
    case "signin_submitted":
      return step.kind === "signin" && canSignIn(state) ? add(state, "signin", step.form) : stay(state);
    case "servers_submitted":
      if (step.kind !== "servers") {
        return stay(state);
      }
      return serversComplete(entered)
        ? add(state, "servers", entered.manualForm)
        : stay(at(state, { ...step, tried: true, error: null, focus: null }));
    case "browser_wanted":
      return step.kind === "adding" && step.browser !== null
        ? [state, [{ type: "open", url: step.browser.url }]]
        : stay(state);
    case "delegate_accepted": {
      if (step.kind !== "signin") {
        return stay(state);
      }
      return add(enter(state, { signInAs: event.address }), "signin", "browser");
    }
    case "approval_wanted":
      return (step.kind === "adding" && step.form === "browser") || step.kind === "signin"
        ? askAdministrator(state)
        : stay(state);
    case "approval_tried":
      return step.kind === "approval" ? tryApproval(state) : stay(state);
    case "approval_left":
      return step.kind === "approval"
        ? [state, [{ type: "finish", address: addressOf(state) }]]
        : stay(state);
    case "answer_submitted":
      return answer(state);
    case "adding_cancelled":
      return cancelAdding(state);
    case "existing_accepted":
      return step.kind === "address" && step.error?.code === "account_exists"
        ? connected(state, {
            address: addressOf(state),
            provider: bestOf(detectionOf(state))?.name ?? null,
            auth: null,
          })
        : stay(state);
    case "resumed":
      return step.kind === "address" ? resumed(state, event.account) : stay(state);
    case "provider_chosen":
      return learn(state, event.provider);
    case "test_wanted":
      return step.kind === "proofs" && state.test.state !== "running"
        ? test(state, event.fullLoop)
        : stay(state);
    case "certificate_trusted":
      return trust(state, event.certificate);
    case "test_cancelled":
      return step.kind === "proofs" && state.test.state === "running"
        ? [state, [{ type: "cancel", address: addressOf(state) }]]
        : stay(state);
    case "proofs_accepted":
      return step.kind === "proofs" && state.test.state !== "running"
        ? list(at(state, { kind: "choose", tried: false, saving: false, error: null }), false)
        : stay(state);
    case "folders_refreshed":
      return step.kind === "choose" && !state.folders.asking && !step.saving
        ? list(state, true)
        : stay(state);
    case "choice_submitted":
      return step.kind === "choose" && !step.saving ? save(state) : stay(state);
    case "notify_submitted":
      return step.kind === "notify" && !step.saving ? saveNotify(state) : stay(state);
    case "signature_submitted":
      return step.kind === "signature" && !step.saving ? saveSignature(state) : stay(state);
    case "skipped":
      if (step.kind === "notify" && !step.saving) {
        return stay(signatureStep(state));
      }
      return step.kind === "signature" && !step.saving ? finish(state) : stay(state);
    case "load_wanted":
      return step.kind === "loading" && state.load.end !== "running" ? sync(state) : stay(state);
    case "load_cancelled":
      return step.kind === "loading" && state.load.end === "running"
        ? [state, [{ type: "cancel", address: addressOf(state) }]]
        : stay(state);
    case "inbox_wanted":
      return step.kind === "loading" && isOpenable(state.load)
        ? [state, [{ type: "finish", address: addressOf(state) }]]
        : stay(state);
    case "went_back":
      return back(state);
    case "left": {
      const leave: Effect = { type: "leave" };
      const [after, effects] = cancelAdding(state);
      return [after, [...effects, leave]];
    }
    default:
      return null;
  }
}

/** A detection that nobody waits for any more is as good as none. */
function settled(look: Look): Look {
  return look.state === "asking" ? { state: "idle" } : look;
}

function answer(state: State): Next {
  const { step } = state;
  const text = state.entered.answer.trim();
  if (step.kind !== "adding" || step.browser === null || step.browser.answering || text === "") {
    return stay(state);
  }
  const browser = { ...step.browser, answering: true, refused: null };
  return [at(state, { ...step, browser }), [{ type: "answer", run: state.run, text }]];
}

/** What something typed or ticked leads to. */
function edited(state: State, event: Event): Next | null {
  const { entered } = state;
  switch (event.type) {
    case "text_typed":
      return stay(typed(state, event.field, event.text));
    case "registration_typed":
      return stay(enter(state, { registration: { ...entered.registration, [event.field]: event.text } }));
    case "server_typed":
      return stay(enter(state, { [event.server]: { ...entered[event.server], [event.field]: event.text } }));
    case "security_chosen": {
      const server = withSecurity(event.server, entered[event.server], event.security);
      return stay(enter(state, { [event.server]: server }));
    }
    case "sending_set":
      return stay(enter(state, { sends: event.sends }));
    case "account_kind_chosen":
      return stay(enter(state, { accountKind: event.kind }));
    case "manual_form_chosen":
      return stay(enter(state, { manualForm: event.form }));
    case "period_chosen":
      return stay(enter(state, { period: event.period }));
    case "every_folder_set": {
      const begins = !event.every && entered.folders.length === 0;
      const folders = begins ? firstChoice(state.folders.folders) : entered.folders;
      return stay(enter(state, { everyFolder: event.every, folders }));
    }
    case "notify_chosen":
      return stay(enter(state, { notify: event.notify }));
    case "folder_toggled":
      return stay(enter(state, { folders: toggled(entered.folders, event.path) }));
    default:
      return null;
  }
}

/** One event further: pure, and total over every step and event. */
export function next(state: State, event: Event): Next {
  return edited(state, event) ?? decided(state, event) ?? answered(state, event);
}
