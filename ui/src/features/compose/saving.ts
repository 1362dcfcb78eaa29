import type { WireError } from "../../ipc/contract";

/** What is typed is kept here when it has rested so long, in milliseconds. */
export const KEEP_AFTER = 800;
/** Typing without a pause is kept at least so often. */
export const KEEP_AT_LEAST = 4000;
/** What is kept here goes to the drafts folder when it has rested so long. */
export const UPLOAD_AFTER = 20_000;
/** The pause after the first failure; it doubles with every further one. */
const RETRY_AFTER = 2000;
const RETRY_AT_MOST = 60_000;

/** How far what was typed has come. Changes are counted; the numbers say up to which one. */
export interface SavingState {
  /** The last change. */
  typed: number;
  /** When it was made, in Unix milliseconds. */
  typedAt: number;
  /** When the first change was made that is not kept. */
  dirtySince: number;
  /** The change up to which everything is kept here. */
  kept: number;
  /** The change up to which the drafts folder was asked to take everything. */
  asked: number;
  /** The change up to which everything is being kept here right now. */
  keeping: number | null;
  /** The change up to which everything is on its way to the drafts folder. It may take long and hinders no keeping. */
  uploading: number | null;
  /** True to keep it now: the field was left, the pane is closed, the message is sent. */
  wantsKeep: boolean;
  /** True to bring it to the drafts folder now. */
  wantsUpload: boolean;
  failures: number;
  error: WireError | null;
  failedAt: number;
  /** When it was last kept here. */
  keptAt: number;
  /** When this state came into the drafts folder; `null` when it did not. */
  uploadedAt: number | null;
  /** True when the drafts folder could not be reached for this state. */
  isBehind: boolean;
}

export type SavingEvent =
  | { event: "typed"; at: number }
  | { event: "wanted"; upload: boolean }
  | { event: "started"; lane: "keep" | "upload" }
  | { event: "kept"; at: number }
  | { event: "uploaded"; uploadedAt: number | null }
  | { event: "keep_failed"; at: number; error: WireError }
  | { event: "outdated" }
  | { event: "upload_failed" };

/** A draft as it was opened: nothing of it is unsaved. */
export function savedState(savedAt: number, uploadedAt: number | null): SavingState {
  return {
    typed: 0,
    typedAt: 0,
    dirtySince: 0,
    kept: 0,
    asked: 0,
    keeping: null,
    uploading: null,
    wantsKeep: false,
    wantsUpload: false,
    failures: 0,
    error: null,
    failedAt: 0,
    keptAt: savedAt,
    uploadedAt,
    isBehind: false,
  };
}

export function nextSaving(state: SavingState, event: SavingEvent): SavingState {
  switch (event.event) {
    case "typed":
      return {
        ...state,
        typed: state.typed + 1,
        typedAt: event.at,
        dirtySince: state.typed > state.kept ? state.dirtySince : event.at,
        uploadedAt: null,
      };
    case "wanted":
      return { ...state, wantsKeep: true, wantsUpload: state.wantsUpload || event.upload };
    case "started":
      return event.lane === "keep"
        ? { ...state, keeping: state.typed, wantsKeep: false }
        : { ...state, uploading: state.kept, asked: state.kept, wantsUpload: false };
    case "kept": {
      const change = state.keeping ?? state.typed;
      return {
        ...state,
        keeping: null,
        kept: change,
        dirtySince: state.typedAt,
        failures: 0,
        error: null,
        keptAt: event.at,
      };
    }
    case "keep_failed":
      return {
        ...state,
        keeping: null,
        failures: state.failures + 1,
        error: event.error,
        failedAt: event.at,
      };
    case "outdated":
      // Somebody else has written in the draft: what is typed here is kept on top of it.
      return { ...state, keeping: null, wantsKeep: true };
    case "uploaded": {
      const isWhole = state.uploading === state.typed;
      return {
        ...state,
        uploading: null,
        uploadedAt: isWhole ? event.uploadedAt : null,
        isBehind: event.uploadedAt === null,
      };
    }
    case "upload_failed":
      return { ...state, uploading: null, isBehind: true };
  }
}

/** True while something that was typed is not kept. */
export function hasUnsaved({ typed, kept }: SavingState): boolean {
  return typed > kept;
}

/** What to do for the draft: nothing, keep it here, bring it to the drafts folder, or look again at a time. */
export type SavingStep = { step: "rest" | "keep" | "upload" } | { step: "wait"; until: number };

export function savingStep(state: SavingState, now: number): SavingStep {
  if (hasUnsaved(state)) {
    return state.keeping === null ? keepingStep(state, now) : { step: "rest" };
  }
  if (state.uploading !== null || state.typed === state.asked) {
    return { step: "rest" };
  }
  return state.wantsUpload ? { step: "upload" } : due("upload", state.typedAt + UPLOAD_AFTER, now);
}

function keepingStep(state: SavingState, now: number): SavingStep {
  if (state.wantsKeep) {
    return { step: "keep" };
  }
  if (state.failures > 0) {
    return due("keep", state.failedAt + retryPause(state.failures), now);
  }
  return due("keep", Math.min(state.typedAt + KEEP_AFTER, state.dirtySince + KEEP_AT_LEAST), now);
}

function due(step: "keep" | "upload", at: number, now: number): SavingStep {
  return at <= now ? { step } : { step: "wait", until: at };
}

/** The pause after so many failures, in milliseconds. */
export function retryPause(failures: number): number {
  return Math.min(RETRY_AFTER * 2 ** Math.min(failures - 1, 10), RETRY_AT_MOST);
}
