import type {
  AccountStatus,
  AccountView,
  FolderSummary,
  MessageRow,
  MessageView,
  OperationView,
} from "../../ipc/contract";

/** Data for tests: whole shapes with the given parts in them. */
export function makeRow(part: Partial<MessageRow> = {}): MessageRow {
  return {
    id: 1,
    account: "ewa@example.com",
    folder: "INBOX",
    thread_id: 1,
    subject: "Subject",
    from_name: "Piotr",
    from_address: "piotr@example.com",
    to: ["Ewa"],
    sent_at: 1_700_000_000_000,
    received_at: 1_700_000_000_000,
    flags: [],
    size: 1000,
    preview: "Preview",
    attachments: 0,
    thread: null,
    ...part,
  };
}

export function makeFolder(part: Partial<FolderSummary> = {}): FolderSummary {
  return {
    id: 1,
    path: "INBOX",
    delimiter: "/",
    role: null,
    selectable: true,
    chosen: true,
    archives: part.role === "archive",
    cut_at: null,
    changeable: (part.role ?? null) === null,
    takes_folders: true,
    messages: 0,
    unread: 0,
    synced_at: null,
    error: null,
    ...part,
  };
}

export function makeAccount(part: Partial<AccountView> = {}): AccountView {
  return {
    id: 1,
    address: "ewa@example.com",
    provider: null,
    state: "working",
    signed_in_as: null,
    approval: null,
    auth: "password",
    sign_ins: [],
    imap: "imap.example.com:993:tls",
    smtp: null,
    period: "quarter",
    folders: null,
    messages: 0,
    unread: 0,
    received_at: null,
    error: null,
    name: "ewa@example.com",
    identities: [],
    setup_done: true,
    automatic: true,
    interval_min: 15,
    download_up_to_mb: 20,
    push: true,
    sending: true,
    is_default: true,
    notify: "default",
    condition: "working",
    retry_at: null,
    ...part,
  };
}

export function makeMessage(part: Partial<MessageView> = {}): MessageView {
  return {
    row: makeRow(),
    folders: ["INBOX"],
    headers: [],
    subject: "Subject",
    from: ["Piotr <piotr@example.com>"],
    to: ["ewa@example.com"],
    cc: [],
    reply_to: [],
    date: 1_700_000_000_000,
    message_id: "1@example.com",
    text: "",
    html: null,
    remote: [],
    attachments: [],
    structure: null,
    defects: [],
    header_only: false,
    partial: false,
    pictures_allowed: false,
    ...part,
  };
}

export function makeStatus(part: Partial<AccountStatus> = {}): AccountStatus {
  return {
    account: makeAccount(),
    health: [],
    heard_at: null,
    arrived_at: null,
    arrivals: [],
    arrivals_since: 0,
    silence: null,
    operations: [],
    outbox: [],
    ...part,
  };
}

export function makeOperation(part: Partial<OperationView> = {}): OperationView {
  return {
    id: 5,
    account: "ewa@example.com",
    folder: "INBOX",
    to_folder: null,
    kind: "move",
    messages: 2,
    subjects: [],
    state: "waiting",
    attempts: 1,
    error: null,
    ...part,
  };
}
