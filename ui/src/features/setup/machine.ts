import type { AccountView, DetectionView, StepView, WireError } from "../../ipc/contract";
import { addressProblem, asciiDomain, domainOf } from "./address";
import { firstChoice, toggled } from "./folders";
import { withProgress } from "./load";
import { stepsOf } from "./ladder";
import { bestOf, hasServers, usableForms } from "./offers";
import type { SignInForm } from "./offers";
import { returnTo } from "./returning";
import { readEndpoint, withSecurity } from "./servers";
import type { ServerKind } from "./servers";
import {
  NOTIFY,
  NO_LOAD,
  PERIODS,
  addPayload,
  addressOf,
  canSignIn,
  detectionOf,
  identityToSave,
  isOpenable,
  proofsOf,
  registrationToKeep,
  serversComplete,
} from "./state";
import type { Effect, Entered, Event, Look, Next, State, Step, TextField } from "./state";

const stay = (state: State): Next => [state, []];
const at = (state: State, step: Step): State => ({ ...state, step });
const enter = (state: State, change: Partial<Entered>): State => ({
  ...state,
  entered: { ...state.entered, ...change },
});
const belongs = (state: State, run: number) => run === state.run;
const same = (state: State, address: string) => address.toLowerCase() === addressOf(state).toLowerCase();

function detect(state: State): Next {
  if (addressProblem(state.entered.address) !== null) {
    return stay(at(state, { kind: "address", tried: true, error: null }));
  }
  const run = state.run + 1;
  const address = state.entered.address.trim();
  return [
    {
      ...at(state, { kind: "address", tried: true, error: null }),
      run,
      look: { state: "asking", partial: [] },
    },
    // What this machine knows comes at once and asks nobody.
    [{ type: "detect", run, address, offline: true }],
  ];
}

function detected(state: State, offline: boolean, detection: DetectionView): Next {
  const known = detection.candidates.some((candidate) => candidate.confirmed);
  if (!offline || known) {
    return stay({ ...state, look: { state: "answered", detection } });
  }
  return askNetwork(state, detection.steps);
}

/** What this machine does not know is asked of the network. */
function askNetwork(state: State, partial: readonly StepView[]): Next {
  const run = state.run + 1;
  const address = state.entered.address.trim();
  return [
    { ...state, run, look: { state: "asking", partial } },
    [{ type: "detect", run, address, offline: false }],
  ];
}

function detectionFailed(state: State, offline: boolean, error: WireError): Next {
  return offline && error.code === "provider_unknown"
    ? askNetwork(state, stepsOf(error))
    : stay({ ...state, look: { state: "failed", error } });
}

/** Opens the form that fits the candidate; servers by hand where it names none. */
function openSignIn(state: State): State {
  const candidate = bestOf(detectionOf(state));
  if (!hasServers(candidate)) {
    return openServers(state);
  }
  const [form = "browser"] = usableForms(candidate);
  return at(state, { kind: "signin", form, error: null, focus: null });
}

/** Opens the form for servers, filled with what detection knows wherever nothing was typed. */
function openServers(state: State): State {
  const candidate = bestOf(detectionOf(state));
  const known = (kind: ServerKind) => readEndpoint(candidate?.[kind][0] ?? "");
  const { imap, smtp } = state.entered;
  const filled = enter(state, {
    imap: imap.host === "" ? (known("imap") ?? imap) : imap,
    smtp: smtp.host === "" ? (known("smtp") ?? smtp) : smtp,
  });
  return at(filled, { kind: "servers", tried: false, error: null, focus: null });
}

function add(state: State, from: "signin" | "servers", form: SignInForm): Next {
  const run = state.run + 1;
  const payload = addPayload(state, from, form);
  const step: Step = { kind: "adding", from, form, browser: null, cancelling: false };
  return [{ ...at(enter(state, { answer: "" }), step), run }, [{ type: "add", run, payload }]];
}

function test(state: State): Next {
  const run = state.run + 1;
  const address = addressOf(state);
  return [
    { ...at(state, { kind: "proofs" }), run, test: { state: "running", proofs: [] } },
    [{ type: "test", run, address }],
  ];
}

function added(state: State, account: AccountView): Next {
  const keep = registrationToKeep(state);
  const [after, effects] = connected(state, account);
  return [after, keep === null ? effects : [{ type: "keep_registration", payload: keep }, ...effects]];
}

/** From here on the account is known; its secrets are the core's. */
function connected(state: State, { address, provider }: Pick<AccountView, "address" | "provider">): Next {
  const registration = { ...state.entered.registration, clientSecret: "" };
  const cleared = enter(state, { password: "", answer: "", registration });
  return test({ ...cleared, account: { address, provider }, load: NO_LOAD });
}

/** Goes on with an account that is connected already, with what was chosen for it. */
function resumed(state: State, account: AccountView): Next {
  const { address, period, folders, notify, identities } = account;
  const own = identities.find((identity) => identity.address === address) ?? identities[0];
  const chosen = enter(state, {
    address,
    period: PERIODS.find((known) => known === period) ?? state.entered.period,
    everyFolder: folders === null,
    folders: folders ?? [],
    notify: NOTIFY.find((known) => known === notify) ?? state.entered.notify,
    name: own?.name ?? "",
    signature: own?.signature ?? "",
  });
  return connected({ ...chosen, look: { state: "idle" } }, account);
}

/** Teaches the list who runs the domain, and asks it again. */
function learn(state: State, provider: string): Next {
  const domain = asciiDomain(domainOf(state.entered.address));
  if (state.step.kind !== "address" || domain === null || state.look.state === "asking") {
    return stay(state);
  }
  const run = state.run + 1;
  return [
    {
      ...at(state, { kind: "address", tried: true, error: null }),
      run,
      look: { state: "asking", partial: [] },
    },
    [{ type: "learn", run, domain, provider }],
  ];
}

/** After the folders come two steps that can be skipped, while the mail is being loaded already. */
function notifyStep(state: State): State {
  return at(state, { kind: "notify", saving: false, error: null });
}

function signatureStep(state: State): State {
  return at(state, { kind: "signature", saving: false, error: null });
}

/** The last step: the person has been through everything, whatever the load does. */
function finish(state: State): Next {
  return [at(state, { kind: "loading" }), [{ type: "complete", address: addressOf(state) }]];
}

function saveNotify(state: State): Next {
  const run = state.run + 1;
  return [
    { ...at(state, { kind: "notify", saving: true, error: null }), run },
    [{ type: "set_notify", run, address: addressOf(state), notify: state.entered.notify }],
  ];
}

function saveSignature(state: State): Next {
  const payload = identityToSave(state);
  if (payload === null) {
    return finish(state);
  }
  const run = state.run + 1;
  return [
    { ...at(state, { kind: "signature", saving: true, error: null }), run },
    [{ type: "set_identity", run, payload }],
  ];
}

function list(state: State, refresh: boolean): Next {
  const run = state.run + 1;
  return [
    { ...state, run, folders: { ...state.folders, asking: true, error: null } },
    [{ type: "list_folders", run, address: addressOf(state), refresh }],
  ];
}

function save(state: State): Next {
  const { period, everyFolder, folders } = state.entered;
  const chosen = everyFolder ? [] : folders;
  if (!everyFolder && chosen.length === 0) {
    return stay(at(state, { kind: "choose", tried: true, saving: false, error: null }));
  }
  const run = state.run + 1;
  const payload = { address: addressOf(state), period, folders: chosen };
  return [
    { ...at(state, { kind: "choose", tried: true, saving: true, error: null }), run },
    [{ type: "update", run, payload }],
  ];
}

/** Begins the load. It has a number of its own, since other questions are asked and answered while it runs. */
function sync(state: State): Next {
  const run = state.loadRun + 1;
  return [
    { ...state, loadRun: run, load: { ...state.load, end: "running" } },
    [{ type: "sync", run, address: addressOf(state) }],
  ];
}

function back(state: State): Next {
  const { step } = state;
  switch (step.kind) {
    case "signin":
    case "servers":
      return stay(at(state, { kind: "address", tried: false, error: null }));
    case "adding":
      return cancelAdding(state);
    case "choose":
      return step.saving ? stay(state) : stay(at(state, { kind: "proofs" }));
    case "notify":
      return step.saving
        ? stay(state)
        : stay(at(state, { kind: "choose", tried: false, saving: false, error: null }));
    case "signature":
      return step.saving ? stay(state) : stay(notifyStep(state));
    case "address":
    case "proofs":
    case "loading":
      return stay(state);
  }
}

/** Gives up the sign-in. What was on its way may still arrive: the core's answer decides. */
function cancelAdding(state: State): Next {
  const { step } = state;
  if (step.kind !== "adding" || step.cancelling) {
    return stay(state);
  }
  const address = addressOf(state);
  const cancel: Effect =
    step.form === "browser" ? { type: "cancel_signin", address } : { type: "cancel", address };
  return [at(state, { ...step, cancelling: true }), [cancel]];
}

function addingFailed(state: State, error: WireError): State {
  const { step } = state;
  if (step.kind !== "adding") {
    return state;
  }
  const { to, focus, quiet } = returnTo(error, step.from, step.form);
  const shown = quiet ? null : error;
  switch (to) {
    case "address":
      // The person's consent was for servers that turned out to be others.
      return at(enter(state, { approvedFor: null }), { kind: "address", tried: true, error: shown });
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
        ? stay(openSignIn(enter(state, { approvedFor: addressOf(state) })))
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
    case "answer_submitted":
      return answer(state);
    case "adding_cancelled":
      return cancelAdding(state);
    case "existing_accepted":
      return step.kind === "address" && step.error?.code === "account_exists"
        ? connected(state, {
            address: addressOf(state),
            provider: bestOf(detectionOf(state))?.name ?? null,
          })
        : stay(state);
    case "resumed":
      return step.kind === "address" ? resumed(state, event.account) : stay(state);
    case "provider_chosen":
      return learn(state, event.provider);
    case "test_wanted":
      return step.kind === "proofs" && state.test.state !== "running" ? test(state) : stay(state);
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

/** What an answer of the core leads to, when it still belongs to somebody. */
function answered(state: State, event: Event): Next {
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
    case "adding_failed":
      return stay(addingFailed(state, event.error));
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
      return stay({ ...state, test: { state: "ended", proofs: event.proofs } });
    case "test_failed":
      return stay({ ...state, test: { state: "failed", proofs: proofsOf(state.test), error: event.error } });
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

/** What the core tells by itself, when it is about this account. */
function told(state: State, event: Event): Next {
  const { step } = state;
  if (!("address" in event) || !same(state, event.address)) {
    return stay(state);
  }
  switch (event.type) {
    case "signin_opened":
      if (step.kind !== "adding") {
        return stay(state);
      }
      return [
        at(state, { ...step, browser: { url: event.url, answering: false, refused: null } }),
        [{ type: "open", url: event.url }],
      ];
    case "proof_ended": {
      const { test: run } = state;
      if (run.state !== "running" || run.proofs.some(({ proof }) => proof === event.proof.proof)) {
        return stay(state);
      }
      return stay({ ...state, test: { state: "running", proofs: [...run.proofs, event.proof] } });
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

/** One event further: pure, and total over every step and event. */
export function next(state: State, event: Event): Next {
  return edited(state, event) ?? decided(state, event) ?? answered(state, event);
}
