import type { Commands, DraftFile, DraftOpen, DraftView, OutboxView, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { toSave } from "./content";
import type { Content } from "./content";
import { readBase64 } from "./files";
import { hasUnsaved, nextSaving, savedState, savingStep } from "./saving";
import type { SavingEvent, SavingState } from "./saving";

/** Runs one command of the core and lets the screens know what it made stale. */
export type Call = <K extends keyof Commands>(
  name: K,
  payload: Commands[K]["payload"],
) => Promise<Commands[K]["reply"]>;

/** A file on its way into a draft. */
export interface IncomingFile {
  key: number;
  source: File;
  inline: boolean;
  /** From 0 to 1, as far as it was read; 1 while the core takes it. */
  progress: number;
  /** Why it did not get in, when it did not. */
  error: WireError | null;
}

export interface SessionState {
  content: Content;
  files: readonly DraftFile[];
  /** The largest message that the server of the sender's account takes, when it says so. */
  limit: number | null;
  incoming: readonly IncomingFile[];
  saving: SavingState;
  /** True once something was written or attached. */
  isTouched: boolean;
  /** Why a file could not be taken out, when it could not. */
  trouble: WireError | null;
}

/**
 * One draft while it is written. It outlives the screen that shows it, until everything is kept: nothing is lost when
 * the pane closes.
 */
export class DraftSession {
  readonly id: number;
  readonly kind: string;
  /** True when this is a draft that did not exist before. */
  readonly isNew: boolean;
  /** True when it answers a message. */
  readonly isAnswer: boolean;

  readonly #call: Call;
  readonly #hearers = new Set<() => void>();
  #state: SessionState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting: { done: () => boolean; resolve: () => void }[] = [];
  #keys = 0;
  /** The number of the text in the core from which the changes made here are counted. */
  #before: number;
  /** After the draft was sent or discarded nothing is saved any more. */
  #isOver = false;

  constructor(call: Call, from: DraftOpen, view: DraftView, content: Content) {
    this.#call = call;
    this.id = view.id;
    this.kind = view.kind;
    this.#before = view.revision;
    this.isAnswer = view.kind === "reply" || view.kind === "reply_all";
    this.isNew = ["new", "reply", "reply_all", "forward"].includes(from.kind);
    this.#state = {
      content,
      files: view.files,
      limit: view.size_limit,
      incoming: [],
      saving: savedState(view.saved_at, view.uploaded_at),
      isTouched: false,
      trouble: null,
    };
  }

  state = (): SessionState => this.#state;

  subscribe = (hearer: () => void): (() => void) => {
    this.#hearers.add(hearer);
    return () => this.#hearers.delete(hearer);
  };

  /** Changes what is written. */
  change(part: Partial<Content>): void {
    this.#set({ content: { ...this.#state.content, ...part }, isTouched: true });
    this.#save({ event: "typed", at: Date.now() });
  }

  /** Attaches files, one after another. */
  async attach(files: readonly File[]): Promise<void> {
    const entries = files.map((source) => this.#enter(source, false));
    for (const entry of entries) {
      // One at a time: the core takes a file whole.
      // oxlint-disable-next-line no-await-in-loop
      await this.#bring(entry);
    }
  }

  /**
   * Takes a picture that stands in the text under the name `pending` until then. Gives its address in the text; nothing
   * when it failed.
   */
  async attachPicture(source: File, pending: string): Promise<string | null> {
    const file = await this.#bring(this.#enter(source, true));
    if (file === null) {
      return null;
    }
    const address = `cid:${file.content_id}`;
    const { body } = this.#state.content;
    if (body.mode === "rich" && body.html.includes(pending)) {
      // The editor may be gone by now; the text must not lose the picture with it.
      this.change({ body: { mode: "rich", html: body.html.replaceAll(pending, address) } });
    }
    return address;
  }

  /** Tries a file again that did not get in. */
  retryFile(key: number): void {
    const entry = this.#state.incoming.find((known) => known.key === key);
    if (entry !== undefined) {
      this.#patchFile(key, { error: null, progress: 0 });
      void this.#bring({ ...entry, error: null });
    }
  }

  forgetFile(key: number): void {
    this.#set({ incoming: this.#state.incoming.filter((entry) => entry.key !== key) });
  }

  async detach(file: DraftFile): Promise<void> {
    const { files } = this.#state;
    this.#set({ files: files.filter(({ id }) => id !== file.id), trouble: null, isTouched: true });
    try {
      await this.#call("draft_detach", { id: this.id, file: file.id });
      this.#save({ event: "typed", at: Date.now() });
    } catch (error) {
      this.#set({ files, trouble: wireOf(error) });
    }
  }

  /** Keeps what is typed until now. Gives true when it is kept, false when that failed. */
  async keep(upload: boolean): Promise<boolean> {
    const { typed, failures } = this.#state.saving;
    const isKept = () => this.#isOver || this.#state.saving.kept >= typed;
    const isSettled = () => isKept() || this.#state.saving.failures > failures;
    this.#save({ event: "wanted", upload });
    if (!isSettled()) {
      await new Promise<void>((resolve) => this.#waiting.push({ done: isSettled, resolve }));
    }
    return isKept();
  }

  /** Takes out the pictures that no longer stand in the text. */
  async dropUnused(): Promise<void> {
    const { content, files } = this.#state;
    const html = toSave(this.id, content, false).html ?? "";
    const unused = files.filter(({ inline, content_id }) => inline && !html.includes(`cid:${content_id}`));
    await Promise.all(unused.map((file) => this.detach(file)));
  }

  /** Moves the draft into the outbox. */
  async send(notBefore: number | undefined): Promise<OutboxView> {
    if (this.#state.saving.typed === 0) {
      // What was never typed in was never saved, and an answer's quote stands only here.
      this.#save({ event: "typed", at: Date.now() });
    }
    await this.dropUnused();
    do {
      // What is typed in the meantime goes with it.
      // oxlint-disable-next-line no-await-in-loop
      if (!(await this.keep(false))) {
        throw new UnsavedError(this.#state.saving.error);
      }
    } while (hasUnsaved(this.#state.saving));
    this.#stop();
    try {
      return await this.#call("draft_send", {
        id: this.id,
        ...(notBefore === undefined ? {} : { not_before: notBefore }),
      });
    } catch (error) {
      this.#isOver = false;
      throw error;
    }
  }

  /** Removes the draft for good. */
  async discard(): Promise<void> {
    this.#stop();
    try {
      await this.#call("draft_discard", { id: this.id });
    } catch (error) {
      this.#isOver = false;
      throw error;
    }
  }

  #stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#settle();
  }

  #enter(source: File, inline: boolean): IncomingFile {
    this.#keys += 1;
    const entry = { key: this.#keys, source, inline, progress: 0, error: null };
    this.#set({ incoming: [...this.#state.incoming, entry], isTouched: true });
    return entry;
  }

  async #bring({ key, source, inline }: IncomingFile): Promise<DraftFile | null> {
    try {
      const base64 = await readBase64(source, (progress) => this.#patchFile(key, { progress }));
      const file = await this.#call("draft_attach", {
        id: this.id,
        filename: source.name,
        ...(source.type === "" ? {} : { content_type: source.type }),
        inline,
        base64,
      });
      const { files, incoming } = this.#state;
      this.#set({ files: [...files, file], incoming: incoming.filter((entry) => entry.key !== key) });
      this.#save({ event: "typed", at: Date.now() });
      return file;
    } catch (error) {
      this.#patchFile(key, { error: wireOf(error) });
      return null;
    }
  }

  #patchFile(key: number, part: Partial<IncomingFile>): void {
    this.#set({
      incoming: this.#state.incoming.map((entry) => (entry.key === key ? { ...entry, ...part } : entry)),
    });
  }

  #set(part: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...part };
    this.#hearers.forEach((hearer) => hearer());
  }

  #save(event: SavingEvent): void {
    this.#set({ saving: nextSaving(this.#state.saving, event) });
    this.#go();
    this.#settle();
  }

  #settle(): void {
    const settled = this.#waiting.filter(({ done }) => done());
    this.#waiting = this.#waiting.filter((waiting) => !settled.includes(waiting));
    settled.forEach(({ resolve }) => resolve());
  }

  #go(): void {
    clearTimeout(this.#timer);
    if (this.#isOver) {
      return;
    }
    const now = Date.now();
    const next = savingStep(this.#state.saving, now);
    if (next.step === "wait") {
      this.#timer = setTimeout(() => this.#go(), next.until - now);
    } else if (next.step !== "rest") {
      void this.#run(next.step);
    }
  }

  async #run(lane: "keep" | "upload"): Promise<void> {
    this.#set({ saving: nextSaving(this.#state.saving, { event: "started", lane }) });
    try {
      const revision = this.#before + this.#state.saving.typed;
      const text = toSave(this.id, this.#state.content, lane === "upload");
      const view = await this.#call("draft_save", { ...text, revision });
      this.#set({ limit: view.size_limit });
      if (lane === "upload") {
        this.#save({ event: "uploaded", uploadedAt: view.uploaded_at });
      } else if (view.revision > revision) {
        // Higher than theirs.
        this.#before += view.revision - revision + 1;
        this.#save({ event: "outdated" });
      } else {
        this.#save({ event: "kept", at: view.saved_at });
      }
    } catch (error) {
      this.#save(
        lane === "keep"
          ? { event: "keep_failed", at: Date.now(), error: wireOf(error) }
          : { event: "upload_failed" },
      );
    }
  }
}

/** A draft that could not be kept, so it was not sent either. */
export class UnsavedError extends Error {
  override readonly name = "UnsavedError";
  readonly wire: WireError | null;

  constructor(wire: WireError | null) {
    super("the draft could not be kept");
    this.wire = wire;
  }
}
