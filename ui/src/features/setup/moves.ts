import type { AccountView, CandidateView, StepView, TrustedCertificate } from "../../ipc/contract";
import { addressProblem, asciiDomain, domainOf } from "./address";
import { saidHere } from "./ladder";
import { bestOf, hasServers, usableForms } from "./offers";
import type { SignInForm } from "./offers";
import { readEndpoint } from "./servers";
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
  serversComplete,
} from "./state";
import type { Effect, Entered, Next, Origin, State, Step } from "./state";

/** Everything as it is. */
export const stay = (state: State): Next => [state, []];

/** The state at another step. */
export const at = (state: State, step: Step): State => ({ ...state, step });

/** The state with other words in its fields. */
export const enter = (state: State, change: Partial<Entered>): State => ({
  ...state,
  entered: { ...state.entered, ...change },
});

/** Looks for who runs the domain of what was typed. */
export function detect(state: State): Next {
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
    [{ type: "detect", run, address, offline: true, allowHttp: false }],
  ];
}

/** What this machine does not know is asked of the network, over encrypted connections unless the person wants more. */
export function askNetwork(state: State, partial: readonly StepView[], allowHttp = false): Next {
  const run = state.run + 1;
  const address = state.entered.address.trim();
  return [
    { ...state, run, look: { state: "asking", partial: saidHere(partial) } },
    [{ type: "detect", run, address, offline: false, allowHttp }],
  ];
}

/** Opens the form that fits the candidate; servers by hand where it names none. */
export function openSignIn(state: State): State {
  const candidate = bestOf(detectionOf(state));
  if (!hasServers(candidate)) {
    return openServers(state);
  }
  const [form = "browser"] = usableForms(candidate);
  return at(state, { kind: "signin", form, error: null, focus: null });
}

/** Opens the form for servers, filled with what detection knows wherever nothing was typed. */
export function openServers(state: State): State {
  const candidate = bestOf(detectionOf(state));
  const known = (kind: ServerKind) => readEndpoint(candidate?.[kind][0] ?? "");
  const { imap, smtp } = state.entered;
  const filled = enter(state, {
    imap: imap.host === "" ? (known("imap") ?? imap) : imap,
    smtp: smtp.host === "" ? (known("smtp") ?? smtp) : smtp,
  });
  return at(filled, { kind: "servers", tried: false, error: null, focus: null });
}

/** Connects the account, with what was entered. */
export function add(state: State, from: Origin, form: SignInForm): Next {
  const run = state.run + 1;
  const payload = addPayload(state, from, form);
  const step: Step = { kind: "adding", from, form, browser: null, cancelling: false };
  return [{ ...at(enter(state, { answer: "" }), step), run }, [{ type: "add", run, payload }]];
}

/** Proves what the account can do; with a message to itself, where that is wanted. */
export function test(state: State, fullLoop = false): Next {
  const run = state.run + 1;
  const address = addressOf(state);
  return [
    { ...at(state, { kind: "proofs" }), run, test: { state: "running", proofs: [], fullLoop } },
    [{ type: "test", run, address, fullLoop }],
  ];
}

/** Goes on with a certificate that the person trusts: one for each server. */
export function trust(state: State, certificate: TrustedCertificate): Next {
  const { step, entered } = state;
  const { host, port } = certificate;
  const others = entered.certificates.filter((known) => known.host !== host || known.port !== port);
  const trusting = enter(state, { certificates: [...others, certificate] });
  switch (step.kind) {
    case "signin":
      return canSignIn(trusting) ? add(trusting, "signin", step.form) : stay(trusting);
    case "servers":
      return serversComplete(entered) ? add(trusting, "servers", entered.manualForm) : stay(trusting);
    case "proofs": {
      const run = state.run + 1;
      return state.test.state === "running"
        ? stay(state)
        : [{ ...state, run }, [{ type: "trust", run, address: addressOf(state), certificate }]];
    }
    default:
      return stay(state);
  }
}

/** From here on the account is known; its secrets are the core's. */
export function connected(
  state: State,
  { address, provider, auth }: Pick<AccountView, "address" | "provider" | "auth">,
): Next {
  const registration = { ...state.entered.registration, clientSecret: "" };
  const cleared = enter(state, { password: "", answer: "", registration });
  return test({ ...cleared, account: { address, provider, auth }, load: NO_LOAD });
}

/** Asks for what the administrator has to be asked for. */
export function findApproval(state: State): Next {
  const run = state.run + 1;
  const step: Step =
    state.step.kind === "approval" ? state.step : { kind: "approval", account: null, error: null };
  return [{ ...at(state, step), run }, [{ type: "find_account", run, address: addressOf(state) }]];
}

/** Has the account wait for its administrator, because the provider's page said so. */
export function askAdministrator(state: State): Next {
  const { step } = state;
  const from = step.kind === "adding" ? step.from : "signin";
  const run = state.run + 1;
  const payload = addPayload(state, from === "approval" ? "signin" : from, "browser");
  const cancel: Effect[] =
    step.kind === "adding" ? [{ type: "cancel_signin", address: addressOf(state) }] : [];
  return [
    { ...at(state, { kind: "approval", account: null, error: null }), run },
    [...cancel, { type: "ask_administrator", run, payload }],
  ];
}

/** Signs in to the account that waits: the administrator may have allowed it. */
export function tryApproval(state: State): Next {
  const run = state.run + 1;
  const step: Step = { kind: "adding", from: "approval", form: "browser", browser: null, cancelling: false };
  return [
    { ...at(enter(state, { answer: "" }), step), run },
    [{ type: "sign_in", run, address: addressOf(state) }],
  ];
}

/** Goes on with an account that is connected already, with what was chosen for it. */
export function resumed(state: State, account: AccountView): Next {
  if (account.approval !== null) {
    return findApproval({
      ...enter(state, { address: account.address }),
      look: { state: "idle" },
      account: { address: account.address, provider: account.provider, auth: account.auth },
    });
  }
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
export function learn(state: State, provider: string): Next {
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

/**
 * Another candidate comes first, and is shown and agreed to as the first one would be. A provider of the list is taught,
 * since the core knows more about it than its servers.
 */
export function pick(state: State, candidate: CandidateView): Next {
  const { look } = state;
  if (look.state !== "answered") {
    return stay(state);
  }
  if (candidate.provider !== null) {
    return learn(state, candidate.provider);
  }
  const others = look.detection.candidates.filter((other) => other !== candidate);
  const detection = { ...look.detection, candidates: [candidate, ...others] };
  return stay({ ...state, look: { state: "answered", detection, picked: true } });
}

/** After the folders come two steps that can be skipped, while the mail is being loaded already. */
export function notifyStep(state: State): State {
  return at(state, { kind: "notify", saving: false, error: null });
}

/** The step of the name and the signature. */
export function signatureStep(state: State): State {
  return at(state, { kind: "signature", saving: false, error: null });
}

/** The last step: the person has been through everything, whatever the load does. */
export function finish(state: State): Next {
  return [at(state, { kind: "loading" }), [{ type: "complete", address: addressOf(state) }]];
}

/** Keeps what is to be told about. */
export function saveNotify(state: State): Next {
  const run = state.run + 1;
  return [
    { ...at(state, { kind: "notify", saving: true, error: null }), run },
    [{ type: "set_notify", run, address: addressOf(state), notify: state.entered.notify }],
  ];
}

/** Keeps the name and the signature, when there is anything of them. */
export function saveSignature(state: State): Next {
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

/** Asks for the folders. */
export function list(state: State, refresh: boolean): Next {
  const run = state.run + 1;
  return [
    { ...state, run, folders: { ...state.folders, asking: true, error: null } },
    [{ type: "list_folders", run, address: addressOf(state), refresh }],
  ];
}

/** Keeps the period and the folders, once there is one. */
export function save(state: State): Next {
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
export function sync(state: State): Next {
  const run = state.loadRun + 1;
  return [
    { ...state, loadRun: run, load: { ...state.load, end: "running" } },
    [{ type: "sync", run, address: addressOf(state) }],
  ];
}

/** The step before. */
export function back(state: State): Next {
  const { step } = state;
  switch (step.kind) {
    case "approval":
      // The account stays; another address is another matter.
      return stay({ ...at(state, { kind: "address", tried: false, error: null }), account: null });
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
export function cancelAdding(state: State): Next {
  const { step } = state;
  if (step.kind !== "adding" || step.cancelling) {
    return stay(state);
  }
  const address = addressOf(state);
  const cancel: Effect =
    step.form === "browser" ? { type: "cancel_signin", address } : { type: "cancel", address };
  return [at(state, { ...step, cancelling: true }), [cancel]];
}
