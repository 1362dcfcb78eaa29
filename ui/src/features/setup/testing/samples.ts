import type {
  AccountView,
  CandidateView,
  DetectionView,
  FolderSummary,
  ProofView,
  TestReport,
  WireError,
} from "../../../ipc/contract";
import { PROOFS } from "../proofs";

export const ADDRESS = "anna@example.com";

export function wire(code: string, params: WireError["params"] = {}): WireError {
  return { code, fixer: "you", params, detail: `${code} for the log` };
}

export function candidate(change: Partial<CandidateView> = {}): CandidateView {
  return {
    provider: "example",
    name: "Example Mail",
    source: "built_in",
    agreed: [],
    confirmed: true,
    imap: ["imap.example.com:993:tls"],
    smtp: ["smtp.example.com:587:starttls"],
    username: "address",
    login: null,
    auth: [{ method: "password", service: null, url: null, unavailable: null }],
    notes: [],
    help: [],
    web: null,
    ...change,
  };
}

export const OAUTH = candidate({
  auth: [
    { method: "oauth2", service: "google", url: null, unavailable: null },
    { method: "app-password", service: null, url: "https://example.com/app", unavailable: null },
  ],
});

export const APP_PASSWORD = candidate({
  auth: [
    { method: "oauth2", service: "google", url: null, unavailable: "no_client_id" },
    { method: "app-password", service: null, url: "https://example.com/app", unavailable: null },
  ],
  notes: [{ code: "imap_setting", url: "https://example.com/imap" }],
});

export const SUSPECTED = candidate({ source: "mx", confirmed: false });

export function detection(...candidates: CandidateView[]): DetectionView {
  const found = candidates[0];
  return {
    address: ADDRESS,
    candidates,
    steps: [
      { source: "policy", outcome: "not_found", detail: null },
      { source: "built_in", outcome: "not_found", detail: null },
      found === undefined
        ? { source: "mx", outcome: "unknown_host", detail: "mx.example.com" }
        : { source: "mx", outcome: "found", detail: found.provider },
    ],
    requests: 0,
  };
}

export const OFFLINE: DetectionView = {
  address: ADDRESS,
  candidates: [],
  steps: [
    { source: "policy", outcome: "not_found", detail: null },
    { source: "built_in", outcome: "not_found", detail: null },
    { source: "mx", outcome: "not_asked", detail: null },
  ],
  requests: 0,
};

export const ACCOUNT: AccountView = {
  id: 1,
  address: ADDRESS,
  provider: "Example Mail",
  state: "working",
  signed_in_as: null,
  approval: null,
  auth: "password",
  sign_ins: [],
  imap: "imap.example.com:993:tls",
  smtp: "smtp.example.com:587:starttls",
  period: "quarter",
  folders: null,
  messages: 0,
  unread: 0,
  condition: "working",
  retry_at: null,
  received_at: null,
  error: null,
  name: ADDRESS,
  identities: [],
  setup_done: true,
  automatic: true,
  interval_min: 15,
  download_up_to_mb: 20,
  push: true,
  sending: true,
  is_default: true,
  notify: "default",
};

export function proof(kind: string, change: Partial<ProofView> = {}): ProofView {
  return {
    proof: kind,
    result: "passed",
    tried: [],
    seen: [],
    took_ms: 12,
    skipped: null,
    error: null,
    ...change,
  };
}

export const PASSED = PROOFS.map((kind) => proof(kind));

export const TESTED: TestReport = { address: ADDRESS, passed: true, proofs: PASSED, report: "all is well" };

export function folder(path: string, change: Partial<FolderSummary> = {}): FolderSummary {
  return {
    id: 1,
    path,
    delimiter: "/",
    role: null,
    selectable: true,
    chosen: true,
    archives: change.role === "archive",
    cut_at: null,
    changeable: (change.role ?? null) === null,
    takes_folders: true,
    messages: 0,
    unread: 0,
    synced_at: null,
    error: null,
    ...change,
  };
}

export const FOLDERS = [
  folder("Work/2026"),
  folder("Work"),
  folder("INBOX", { role: "inbox" }),
  folder("Sent", { role: "sent" }),
  folder("Shared", { selectable: false }),
  folder("Shared/Office"),
];
