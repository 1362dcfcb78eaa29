import type {
  AccountView,
  DraftAttach,
  DraftFile,
  DraftOpen,
  DraftQuote,
  DraftRow,
  DraftSave,
  DraftSend,
  DraftView,
  EventView,
  OutboxView,
  PersonView,
  SettingsView,
  WireError,
} from "../../../ipc/contract";
import { CallError } from "../../../ipc/door";
import type { CommandName, Door, PayloadOf } from "../../../ipc/door";
import { DEFAULTS } from "../../../shared/settings/settings";
import { makeAccount } from "../../mail/samples.test-data";

/** What the core would say to a draft that answers this message. */
export const QUOTE: DraftQuote = {
  from: ["Piotr Zieliński <piotr@example.com>"],
  to: ["Ewa Lis <ewa@example.com>"],
  cc: [],
  date: new Date(2026, 10, 20, 9, 12).getTime(),
  subject: "Meeting",
  html: "<p>Does 11:00 suit you?</p>",
  text: "Does 11:00 suit you?",
  quoted: "> Does 11:00 suit you?",
};

export const PEOPLE: PersonView[] = [
  { name: "Piotr Zieliński", address: "piotr@example.com" },
  { name: "Paweł Nowak", address: "pawel@firma.pl" },
  { name: "", address: "people@example.org" },
];

const refusal = (code: string, params: WireError["params"] = {}) =>
  new CallError({ code, fixer: "you", params, detail: "" });

/** A core that keeps drafts in memory, for tests of the composer. */
export class ComposeDoor implements Door {
  readonly calls: [CommandName, unknown][] = [];
  accounts: AccountView[] = [
    makeAccount({
      smtp: "smtp.example.com:465:tls",
      identities: [
        { address: "ewa@example.com", name: "Ewa Lis", is_default: true, signature: "<p>Ewa Lis</p>" },
        { address: "office@example.com", name: "Office", is_default: false, signature: "<p>The office</p>" },
      ],
    }),
    makeAccount({ id: 2, address: "ewa@firma.pl", name: "ewa@firma.pl", smtp: "smtp.firma.pl:465:tls" }),
  ];
  settings: SettingsView = { ...DEFAULTS };
  drafts = new Map<number, DraftView>();
  outbox: OutboxView[] = [];
  /** The drafts of the last run. */
  left: DraftRow[] = [];
  bytes = new Map<number, string>();
  /** What to give a draft when it is opened. */
  given: Partial<DraftView> = {};
  /** Commands that fail, by the code. */
  failing: Partial<Record<CommandName, string>> = {};
  /** False while the drafts folder cannot be reached. */
  isOnline = true;
  #ids = 0;
  readonly #handlers = new Set<(event: EventView) => void>();

  async call<K extends CommandName>(name: K, payload: PayloadOf<K>): Promise<never> {
    this.calls.push([name, payload]);
    const code = this.failing[name];
    if (code !== undefined) {
      throw refusal(code);
    }
    return this.#answer(name, payload as never) as never;
  }

  #answer(name: CommandName, payload: never): unknown {
    switch (name) {
      case "account_list":
        return this.accounts;
      case "settings_get":
        return this.settings;
      case "people_search": {
        const { query } = payload as { query: string };
        return PEOPLE.filter((person) =>
          `${person.name} ${person.address}`.toLowerCase().includes(query.toLowerCase()),
        );
      }
      case "draft_list":
        return this.left;
      case "draft_open":
        return this.#open(payload);
      case "draft_save":
        return this.#save(payload);
      case "draft_attach":
        return this.#attach(payload);
      case "draft_detach": {
        const { id, file } = payload as { id: number; file: number };
        const draft = this.#draft(id);
        draft.files = draft.files.filter((other) => other.id !== file);
        return {};
      }
      case "draft_file": {
        const { file } = payload as { file: number };
        return { content_type: "image/png", base64: this.bytes.get(file) ?? "" };
      }
      case "draft_send":
        return this.#send(payload);
      case "draft_discard":
        this.drafts.delete((payload as { id: number }).id);
        return {};
      case "outbox_list":
        return this.outbox;
      case "outbox_retry":
        return this.outbox.find(({ id }) => id === (payload as { id: number }).id);
      case "outbox_discard":
        this.outbox = this.outbox.filter(({ id }) => id !== (payload as { id: number }).id);
        return {};
      default:
        throw refusal("command_unknown");
    }
  }

  #draft(id: number): DraftView {
    const draft = this.drafts.get(id);
    if (draft === undefined) {
      throw refusal("entry_missing");
    }
    return draft;
  }

  #open(from: DraftOpen): DraftView {
    if (from.kind === "draft") {
      const entry = this.outbox.find(({ message_id }) => message_id === String(from.id));
      if (entry !== undefined) {
        throw refusal("send_under_way", { id: entry.id });
      }
      return { ...this.#draft(from.id) };
    }
    if (from.kind === "outbox") {
      const entry = this.outbox.find(({ id }) => id === from.id);
      this.outbox = this.outbox.filter(({ id }) => id !== from.id);
      return { ...this.#draft(Number(entry?.message_id)) };
    }
    this.#ids += 1;
    const draft: DraftView = {
      id: this.#ids,
      account: "ewa@example.com",
      from: "ewa@example.com",
      to: [],
      cc: [],
      bcc: [],
      subject: "",
      revision: 0,
      text: "",
      html: null,
      files: [],
      kind: from.kind === "message" ? "new" : from.kind,
      about: null,
      size_limit: 25_000_000,
      size: 0,
      saved_at: Date.now(),
      uploaded_at: null,
      signature: null,
      quote: null,
      ...this.given,
    };
    this.drafts.set(draft.id, draft);
    return { ...draft };
  }

  #save({ upload, ...content }: DraftSave): DraftView {
    const draft = this.#draft(content.id);
    if (content.revision !== undefined && content.revision < draft.revision) {
      return { ...draft };
    }
    Object.assign(draft, content, {
      signature: null,
      quote: null,
      saved_at: Date.now(),
      uploaded_at: upload && this.isOnline ? Date.now() : null,
    });
    return { ...draft };
  }

  #attach({ id, filename, content_type, inline, base64 }: DraftAttach): DraftFile {
    const draft = this.#draft(id);
    this.#ids += 1;
    const file: DraftFile = {
      id: this.#ids,
      filename,
      content_type: content_type ?? "application/octet-stream",
      size: Math.floor((base64.length * 3) / 4),
      inline,
      content_id: `file${this.#ids}@mailroom`,
    };
    this.bytes.set(file.id, base64);
    draft.files = [...draft.files, file];
    return file;
  }

  #send({ id, not_before }: DraftSend): OutboxView {
    const draft = this.#draft(id);
    const entry: OutboxView = {
      id: 100 + id,
      account: draft.account,
      state: "queued",
      subject: draft.subject,
      to: [...draft.to, ...draft.cc, ...draft.bcc],
      message_id: String(id),
      attempts: 0,
      next_at: not_before ?? Date.now() + this.settings.undo_send_s * 1000,
      left_over: false,
      error: null,
    };
    this.outbox = [...this.outbox, entry];
    return entry;
  }

  listen(handler: (event: EventView) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  openExternal(): Promise<void> {
    return Promise.resolve();
  }

  saveDownload(): Promise<{ path: string; bytes: number }> {
    return Promise.resolve({ path: "/x", bytes: 0 });
  }

  asked<K extends CommandName>(name: K): PayloadOf<K>[] {
    return this.calls.filter(([called]) => called === name).map(([, payload]) => payload as PayloadOf<K>);
  }
}
