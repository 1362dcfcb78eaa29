import type {
  AccountAdd,
  AccountUpdate,
  AccountView,
  CandidateView,
  DetectionView,
  FolderSummary,
  IdentitySave,
  ProofView,
  RegistrationSave,
  StepView,
  SyncReport,
  TrustedCertificate,
  WireError,
} from "../../ipc/contract";
import { EMPTY_LOAD } from "./load";
import type { FolderLoad, Load } from "./load";
import { bestOf, usableForms } from "./offers";
import type { SignInForm } from "./offers";
import type { Field } from "./returning";
import { emptyServer, serverProblem, writeEndpoint } from "./servers";
import type { Security, ServerForm, ServerKind } from "./servers";

/** How far back mail is kept. */
export const PERIODS = ["day", "week", "month", "quarter", "year", "all"] as const;
export type Period = (typeof PERIODS)[number];

/** What is told about new messages. */
export const NOTIFY = ["inbox", "all", "none"] as const;
export type Notify = (typeof NOTIFY)[number];

/** A client id of the person's own. */
export interface RegistrationForm {
  /** The OpenID issuer; only asked for with servers entered by hand. */
  issuer: string;
  clientId: string;
  clientSecret: string;
  tenant: string;
}

/** Everything that was typed or chosen. No step takes anything away; a connected account takes the secrets. */
export interface Entered {
  address: string;
  password: string;
  imap: ServerForm;
  smtp: ServerForm;
  /** False for an account that only receives. */
  sends: boolean;
  username: string;
  /** How to sign in to servers entered by hand. */
  manualForm: "password" | "browser";
  registration: RegistrationForm;
  /** What was pasted from the browser. */
  answer: string;
  /** Microsoft: which of the accounts that go by this address. */
  accountKind: AccountKind;
  /** Who signs in to a mailbox that several people share; empty for the mailbox itself. */
  signInAs: string;
  /** The suspected servers that the person has agreed to, as they were shown, and for which address. */
  approved: { address: string; servers: readonly string[] } | null;
  /** Certificates that the person trusts although nobody vouches for them. */
  certificates: readonly TrustedCertificate[];
  period: Period;
  everyFolder: boolean;
  /** Kept while `everyFolder` is true. */
  folders: string[];
  /** What is told about new messages of the account. */
  notify: Notify;
  /** The name beside the address in what is sent. */
  name: string;
  /** HTML; empty for none. */
  signature: string;
}

/** An address may be that of an organisation's account and of a personal one. */
export const ACCOUNT_KINDS = ["any", "work", "personal"] as const;
export type AccountKind = (typeof ACCOUNT_KINDS)[number];

/** What Microsoft calls the kinds. */
const TENANTS: Record<AccountKind, string> = { any: "", work: "organizations", personal: "consumers" };

/** Text fields of `Entered` that are typed into as they are. */
export type TextField = "address" | "password" | "username" | "answer" | "name" | "signature" | "signInAs";

/** How detection stands. `asking` has what this machine has answered already. */
export type Look =
  | { state: "idle" }
  | { state: "asking"; partial: readonly StepView[] }
  /** `picked`: the first candidate is one that the person prefers to the core's. */
  | { state: "answered"; detection: DetectionView; picked?: true }
  | { state: "failed"; error: WireError };

/** The sign-in in the browser, once its address is known. */
export interface BrowserWait {
  url: string;
  answering: boolean;
  refused: WireError | null;
  /** The system opened no browser: the address has to be copied. */
  failed: boolean;
}

/** What a step of the wizard knows besides what was entered. */
export type Step =
  | { kind: "address"; tried: boolean; error: WireError | null }
  | { kind: "signin"; form: SignInForm; error: WireError | null; focus: Field | null }
  | { kind: "servers"; tried: boolean; error: WireError | null; focus: Field | null }
  | {
      kind: "adding";
      from: Origin;
      form: SignInForm;
      browser: BrowserWait | null;
      cancelling: boolean;
    }
  /** The organisation has to allow the program first. `account` is `null` until it is known what to ask for. */
  | { kind: "approval"; account: AccountView | null; error: WireError | null }
  | { kind: "proofs" }
  | { kind: "choose"; tried: boolean; saving: boolean; error: WireError | null }
  | { kind: "notify"; saving: boolean; error: WireError | null }
  | { kind: "signature"; saving: boolean; error: WireError | null }
  | { kind: "loading" };

/** Where the person was when the sign-in began. */
export type Origin = "signin" | "servers" | "approval";

/** How the Test stands. */
export type TestRun =
  | { state: "idle" }
  | { state: "running"; proofs: ProofView[]; fullLoop: boolean }
  | { state: "ended"; proofs: ProofView[]; fullLoop: boolean; report: string }
  | { state: "failed"; proofs: ProofView[]; fullLoop: boolean; error: WireError };

/** How the list of folders stands. The last list stays while a newer one is asked for. */
export interface FolderLook {
  asking: boolean;
  folders: FolderSummary[];
  error: WireError | null;
}

/** How the first load stands. */
export interface LoadRun {
  load: Load;
  /** How many of the inbox can be read; `null` before that. */
  readied: number | null;
  /** Messages of the account on this machine, apart from what this load tells: the core may have begun by itself. */
  kept: number;
  end: "running" | "done" | { error: WireError };
}

export interface State {
  step: Step;
  entered: Entered;
  look: Look;
  account: Pick<AccountView, "address" | "provider" | "auth"> | null;
  test: TestRun;
  folders: FolderLook;
  load: LoadRun;
  /** The number of the last effect that answers. Answers with an older number belong to nobody any more. */
  run: number;
  /** The same for the load, which goes on while other things are asked. */
  loadRun: number;
}

export type Event =
  // from the person
  | { type: "text_typed"; field: TextField; text: string }
  | { type: "address_left" }
  | { type: "address_submitted" }
  | { type: "candidate_accepted" }
  /** Another answer than the best is the right one. */
  | { type: "candidate_picked"; candidate: CandidateView }
  /** The person was warned, and wants to ask over an unencrypted connection all the same. */
  | { type: "unencrypted_wanted" }
  | { type: "servers_wanted" }
  | { type: "form_chosen"; form: SignInForm }
  | { type: "registration_typed"; field: keyof RegistrationForm; text: string }
  | { type: "signin_submitted" }
  | { type: "server_typed"; server: ServerKind; field: "host" | "port"; text: string }
  | { type: "security_chosen"; server: ServerKind; security: Security }
  | { type: "sending_set"; sends: boolean }
  | { type: "manual_form_chosen"; form: "password" | "browser" }
  | { type: "servers_submitted" }
  | { type: "account_kind_chosen"; kind: AccountKind }
  /** The mailbox is shared: this one signs in to it. */
  | { type: "delegate_accepted"; address: string }
  /** The provider's page says that an administrator has to allow the program. */
  | { type: "approval_wanted" }
  /** The administrator may have allowed it. */
  | { type: "approval_tried" }
  | { type: "approval_left" }
  | { type: "browser_wanted" }
  | { type: "answer_submitted" }
  | { type: "adding_cancelled" }
  | { type: "provider_chosen"; provider: string }
  /** A connected mailbox is gone on with: one whose setup was left half way, or the one that was typed. */
  | { type: "resumed"; account: AccountView }
  | { type: "existing_accepted" }
  | { type: "test_wanted"; fullLoop: boolean }
  /** The person has compared the fingerprint. */
  | { type: "certificate_trusted"; certificate: TrustedCertificate }
  | { type: "test_cancelled" }
  | { type: "proofs_accepted" }
  | { type: "period_chosen"; period: Period }
  | { type: "every_folder_set"; every: boolean }
  | { type: "folder_toggled"; path: string }
  | { type: "folders_refreshed" }
  | { type: "choice_submitted" }
  | { type: "notify_chosen"; notify: Notify }
  | { type: "notify_submitted" }
  | { type: "signature_submitted" }
  | { type: "skipped" }
  | { type: "load_wanted" }
  | { type: "load_cancelled" }
  | { type: "inbox_wanted" }
  | { type: "went_back" }
  | { type: "left" }
  // from the core
  | { type: "detected"; run: number; offline: boolean; detection: DetectionView }
  | { type: "detection_failed"; run: number; offline: boolean; error: WireError }
  | { type: "detection_stepped"; address: string; step: StepView }
  | { type: "provider_learned"; run: number }
  | { type: "learning_failed"; run: number; error: WireError }
  | { type: "signin_opened"; address: string; url: string }
  | { type: "browser_failed"; url: string }
  | { type: "account_found"; run: number; account: AccountView | null }
  | { type: "approval_refused"; run: number; error: WireError }
  | { type: "account_changed"; address: string }
  | { type: "answer_taken"; run: number }
  | { type: "answer_refused"; run: number; error: WireError }
  | { type: "account_added"; run: number; account: AccountView }
  | { type: "adding_failed"; run: number; error: WireError }
  | { type: "proof_ended"; address: string; proof: ProofView }
  | { type: "tested"; run: number; proofs: ProofView[]; report: string }
  | { type: "certificate_kept"; run: number }
  | { type: "test_failed"; run: number; error: WireError }
  | { type: "folders_listed"; run: number; folders: FolderSummary[] }
  | { type: "listing_failed"; run: number; error: WireError }
  | { type: "choice_saved"; run: number; messages: number }
  | { type: "notify_saved"; run: number }
  | { type: "signature_saved"; run: number }
  | { type: "saving_failed"; run: number; error: WireError }
  | { type: "sync_progressed"; address: string; folder: string; progress: FolderLoad; at: number }
  | { type: "inbox_readied"; address: string; messages: number }
  | { type: "synced"; run: number; reports: SyncReport[] }
  | { type: "sync_failed"; run: number; error: WireError };

/** What the edge has to do. Those with a `run` answer with it. */
export type Effect =
  | { type: "detect"; run: number; address: string; offline: boolean; allowHttp: boolean }
  | { type: "add"; run: number; payload: AccountAdd }
  /** Signs in to an account that is here. */
  | { type: "sign_in"; run: number; address: string }
  /** Keeps the account and has it wait for the administrator. */
  | { type: "ask_administrator"; run: number; payload: AccountAdd }
  /** What the core knows of the account now. */
  | { type: "find_account"; run: number; address: string }
  | { type: "open"; url: string }
  | { type: "answer"; run: number; text: string }
  | { type: "cancel_signin"; address: string }
  /** Gives up what the core does for the account right now. */
  | { type: "cancel"; address: string }
  | { type: "learn"; run: number; domain: string; provider: string }
  | { type: "keep_registration"; payload: RegistrationSave }
  | { type: "test"; run: number; address: string; fullLoop: boolean }
  | { type: "trust"; run: number; address: string; certificate: TrustedCertificate }
  | { type: "list_folders"; run: number; address: string; refresh: boolean }
  | { type: "update"; run: number; payload: AccountUpdate }
  | { type: "set_notify"; run: number; address: string; notify: Notify }
  | { type: "set_identity"; run: number; payload: IdentitySave }
  /** The person has been through everything. */
  | { type: "complete"; address: string }
  | { type: "sync"; run: number; address: string }
  | { type: "finish"; address: string }
  | { type: "leave" };

/** The next state and what has to be done. */
export type Next = readonly [State, readonly Effect[]];

const NO_FOLDERS: FolderLook = { asking: false, folders: [], error: null };
/** A load that has told nothing yet. */
export const NO_LOAD: LoadRun = { load: EMPTY_LOAD, readied: null, kept: 0, end: "running" };

/** The wizard as it opens. */
export const INITIAL: State = {
  step: { kind: "address", tried: false, error: null },
  entered: {
    address: "",
    password: "",
    imap: emptyServer("imap"),
    smtp: emptyServer("smtp"),
    sends: true,
    username: "",
    manualForm: "password",
    registration: { issuer: "", clientId: "", clientSecret: "", tenant: "" },
    answer: "",
    accountKind: "any",
    signInAs: "",
    approved: null,
    certificates: [],
    period: "quarter",
    everyFolder: true,
    folders: [],
    notify: "inbox",
    name: "",
    signature: "",
  },
  look: { state: "idle" },
  account: null,
  test: { state: "idle" },
  folders: NO_FOLDERS,
  load: NO_LOAD,
  run: 0,
  loadRun: 0,
};

/** The detection that was shown last, for the address that is entered. */
export function detectionOf(state: State): DetectionView | null {
  return state.look.state === "answered" ? state.look.detection : null;
}

/** The address that goes to the core: the canonical one, once detection has told it. */
export function addressOf(state: State): string {
  return state.account?.address ?? detectionOf(state)?.address ?? state.entered.address.trim();
}

/** The fingerprint that the person trusts at a server of the form. */
export function trustedAt({ certificates }: Entered, { host, port }: ServerForm): string | null {
  const is = (known: TrustedCertificate) =>
    known.host === host.trim().toLowerCase() && known.port === Number(port);
  return certificates.find(is)?.fingerprint ?? null;
}

/** The candidate that the person prefers to the core's best; `null` where that one is used. */
export function pickedOf({ look }: State): CandidateView | null {
  return look.state === "answered" && look.picked === true ? bestOf(look.detection) : null;
}

/** What is still missing in the form for servers. */
export function serversComplete(entered: Entered): boolean {
  const { imap, smtp, sends, manualForm, password, registration } = entered;
  const signIn = manualForm === "password" ? password !== "" : isIssuer(registration.issuer);
  return serverProblem(imap) === null && (!sends || serverProblem(smtp) === null) && signIn;
}

/** True when the form for signing in has what it needs. */
export function canSignIn(state: State): boolean {
  const { step, entered } = state;
  if (step.kind !== "signin") {
    return false;
  }
  if (step.form !== "browser") {
    return entered.password !== "";
  }
  return (
    usableForms(bestOf(detectionOf(state))).includes("browser") || entered.registration.clientId.trim() !== ""
  );
}

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

/** An OpenID issuer is an https address (OpenID Connect Discovery 1.0 §2); a machine's own may be plain. */
export function isIssuer(text: string): boolean {
  try {
    const url = new URL(text.trim());
    return url.protocol === "https:" || (url.protocol === "http:" && LOOPBACK.has(url.hostname));
  } catch {
    return false;
  }
}

/** The sign-in service that goes with servers which the core is given by name. */
function issuerOf(state: State, manual: boolean): string {
  return manual
    ? state.entered.registration.issuer
    : pickedOf(state) === null
      ? ""
      : (serviceOf(state) ?? "");
}

function signInOf(state: State, form: SignInForm, manual: boolean): AccountAdd["sign_in"] {
  const { password, registration } = state.entered;
  if (form !== "browser") {
    return { kind: "password", password };
  }
  const [issuer, clientId, tenant] = [
    issuerOf(state, manual),
    registration.clientId,
    registration.tenant,
  ].map((text) => text.trim());
  const kind = serviceOf(state) === "microsoft" ? TENANTS[state.entered.accountKind] : "";
  const as = state.entered.signInAs.trim();
  return {
    kind: "oauth",
    ...(as === "" ? {} : { sign_in_as: as }),
    ...(issuer ? { issuer } : {}),
    ...(clientId ? { client_id: clientId } : {}),
    ...(clientId && registration.clientSecret !== "" ? { client_secret: registration.clientSecret } : {}),
    ...(tenant || kind ? { tenant: tenant || kind } : {}),
  };
}

/** The sign-in service that the mailbox's provider uses. */
export function serviceOf(state: State): string | null {
  const offers = bestOf(detectionOf(state))?.auth ?? [];
  return offers.find(({ method }) => method === "oauth2")?.service ?? null;
}

/** The servers that the core is given by name: those entered by hand, or those of a picked candidate. */
function namedServers(state: State, manual: boolean): Pick<AccountAdd, "imap" | "smtp" | "username"> {
  const { imap, smtp, sends, username } = state.entered;
  if (manual) {
    const user = username.trim();
    return {
      imap: writeEndpoint(imap),
      ...(sends ? { smtp: writeEndpoint(smtp) } : {}),
      ...(user === "" ? {} : { username: user }),
    };
  }
  const picked = pickedOf(state);
  const [imapServer, smtpServer] = [picked?.imap[0], picked?.smtp[0]];
  return imapServer === undefined
    ? {}
    : {
        imap: imapServer,
        ...(smtpServer === undefined ? {} : { smtp: smtpServer }),
        ...(picked === null || picked.login === null ? {} : { username: picked.login }),
      };
}

/** What `account_add` is given. */
export function addPayload(state: State, from: Origin, form: SignInForm): AccountAdd {
  const { entered } = state;
  const manual = from === "servers";
  return {
    address: addressOf(state),
    ...namedServers(state, manual),
    approved_servers:
      !manual && entered.approved?.address === addressOf(state) ? [...entered.approved.servers] : [],
    certificates: form === "browser" ? [] : [...entered.certificates],
    sign_in: signInOf(state, form, manual),
    period: entered.period,
    folders: [],
    // The last step says when it is.
    setup_done: false,
  };
}

/** The client id of the person's own that just worked, for keeping; `null` when none was given. */
export function registrationToKeep(state: State): RegistrationSave | null {
  const { step, entered } = state;
  const { clientId, clientSecret, issuer, tenant } = entered.registration;
  if (step.kind !== "adding" || step.form !== "browser" || clientId.trim() === "") {
    return null;
  }
  const offer = bestOf(detectionOf(state))?.auth.find(({ method }) => method === "oauth2");
  const service = step.from === "servers" ? issuer.trim() : (offer?.service ?? "");
  return service === ""
    ? null
    : {
        label: bestOf(detectionOf(state))?.name ?? service,
        service,
        client_id: clientId.trim(),
        ...(clientSecret === "" ? {} : { client_secret: clientSecret }),
        tenant: service === "microsoft" ? tenant.trim() : "",
      };
}

/** The identity that the signature step describes; `null` when nothing was typed. */
export function identityToSave(state: State): IdentitySave | null {
  const { name, signature } = state.entered;
  const address = addressOf(state);
  return name.trim() === "" && signature === ""
    ? null
    : { account: address, address, name: name.trim(), is_default: true, signature };
}

/** True when there is something to read, or nothing more will come by itself. */
export function isOpenable({ readied, kept, end }: LoadRun): boolean {
  return readied !== null || kept > 0 || end !== "running";
}

/** The proofs that have ended so far. */
export function proofsOf(run: TestRun): ProofView[] {
  return run.state === "idle" ? [] : run.proofs;
}
