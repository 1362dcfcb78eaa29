/** A line at the bottom of the window about something that just happened. */
export interface Notice {
  /** One sentence. */
  text: string;
  /** What can be done about it at once. */
  action?: NoticeAction;
  /** `bad` for what did not work. */
  tone: "plain" | "bad";
  /** Milliseconds that it stays; as long as its kind needs when absent. */
  ms?: number;
  /**
   * Milliseconds in which its action can be run, for one that cannot be run later. A thin line shows what is left of
   * them; then the notice goes, and its undo with it.
   */
  actionMs?: number;
}

export interface NoticeAction {
  label: string;
  run: () => void;
  /** True when it takes back what the person did, so that Ctrl+Z does the same. */
  isUndo?: boolean;
}

/** A notice with its number. */
export interface ShownNotice extends Notice {
  id: number;
}

/** The line that is shown, and what can still be taken back, the newest last. */
export interface NoticeState {
  shown: ShownNotice | null;
  undos: readonly { id: number; action: NoticeAction }[];
}

export const NO_NOTICES: NoticeState = { shown: null, undos: [] };

/** Changes that Ctrl+Z can take back one after another. */
const UNDOS = 20;

/** The state after a notice: it takes the earlier one's place, but not its undo. */
export function afterShow(state: NoticeState, notice: ShownNotice): NoticeState {
  const { action, id } = notice;
  const undos = action?.isUndo === true ? [...state.undos, { id, action }].slice(-UNDOS) : state.undos;
  return { shown: notice, undos };
}

/** The state after the line with this number went; one that has gone already changes nothing. */
export function afterClose(state: NoticeState, id: number): NoticeState {
  return state.shown?.id === id ? { ...state, shown: null } : state;
}

/** The state after the action of a notice was run: it can be run once. */
export function afterRun(state: NoticeState, id: number): NoticeState {
  return { ...afterClose(state, id), undos: state.undos.filter((undo) => undo.id !== id) };
}

/** How long a notice stays: long enough to be read and, where there is something to press, to be reached. */
export function staysFor(notice: Notice): number {
  if (notice.ms !== undefined) {
    return notice.ms;
  }
  return notice.tone === "bad" || notice.action !== undefined ? 10_000 : 5_000;
}
