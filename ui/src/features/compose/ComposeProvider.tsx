import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { ReactNode } from "react";
import { useIntl } from "react-intl";

import { useDoor } from "../../ipc/context";
import { tags } from "../../ipc/contract";
import type { DraftOpen, DraftRow, SettingsView, WireError } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { invalidate } from "../../ipc/tags";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { DEFAULTS } from "../../shared/settings/settings";
import { contentOf } from "./open";
import { DraftSession } from "./session";
import type { Call } from "./session";
import { useLeftOverNotice } from "./useLeftOverNotice";

/** Writing mail, from anywhere in the window. */
export interface Compose {
  /** Opens the composer. A draft that is open is kept first. */
  open: (from: DraftOpen) => void;
  /** Closes the composer and keeps the draft. */
  close: () => void;
  /** Keeps what is typed, here; true when it is kept. For the moment before the window goes. */
  keep: () => Promise<boolean>;
  /** The open draft. */
  draft: number | null;
  /** True while the composer takes the place of the reading pane: a draft is open, on its way, or could not be opened. */
  isOpen: boolean;
}

/** What the composer shows. */
export type Composing =
  | { phase: "closed" }
  | { phase: "opening"; from: DraftOpen }
  | { phase: "failed"; from: DraftOpen; error: WireError }
  | { phase: "open"; session: DraftSession };

interface Inner extends Compose {
  composing: Composing;
  call: Call;
  /** Closes the composer without a word: the draft was sent or discarded. */
  leave: () => void;
}

const ComposeContext = createContext<Inner | null>(null);

/** Writing mail, from anywhere in the window. */
export function useCompose(): Compose {
  return useComposing();
}

/** The composer's own view of what is open. */
export function useComposing(): Inner {
  const inner = useContext(ComposeContext);
  if (inner === null) {
    throw new Error("useCompose needs a ComposeProvider around it");
  }
  return inner;
}

/** Holds the draft that is open, so that it outlives the screens. Needs a NoticeProvider around it. */
export function ComposeProvider({ children }: { children: ReactNode }) {
  const intl = useIntl();
  const door = useDoor();
  const client = useQueryClient();
  const notices = useNotices();
  const [composing, setComposing] = useState<Composing>({ phase: "closed" });
  // What is open right now, for what happens between two drawings.
  const current = useRef(composing);
  const placeBefore = useRef<Element | null>(null);
  const show = useCallback((next: Composing) => {
    if (current.current.phase === "closed") {
      placeBefore.current = document.activeElement;
    }
    current.current = next;
    setComposing(next);
    if (next.phase === "closed" && placeBefore.current instanceof HTMLElement) {
      // Where the person was before; after the drawing, when the pane is gone.
      const place = placeBefore.current;
      requestAnimationFrame(() => place.isConnected && place.focus());
    }
  }, []);

  const call = useCallback<Call>(
    (name, payload) => {
      const reply = door.call(name, payload);
      const told = () => void invalidate(client, tags[name].invalidates);
      void reply.then(told, told);
      return reply;
    },
    [door, client],
  );

  /** True when new messages are plain text. At the start of the program the settings may not be here yet. */
  const prefersPlain = useCallback(async () => {
    try {
      const settings = await client.ensureQueryData<SettingsView>({
        queryKey: ["settings_get", {}],
        queryFn: () => door.call("settings_get", {}),
      });
      return settings.plain_text;
    } catch {
      return DEFAULTS.plain_text;
    }
  }, [client, door]);
  const open = useCallback(
    async (from: DraftOpen): Promise<void> => {
      const before = current.current;
      if (before.phase === "open" && isSameDraft(before.session, from)) {
        return;
      }
      const opening: Composing = { phase: "opening", from };
      show(opening);
      if (before.phase === "open" && !(await putAway(before.session))) {
        show(before);
        return;
      }
      try {
        const view = await call("draft_open", from);
        const content = contentOf(intl, view, await prefersPlain());
        if (current.current === opening) {
          const session = new DraftSession(call, from, view, content);
          show({ phase: "open", session });
        }
      } catch (error) {
        if (current.current === opening) {
          show({ phase: "failed", from, error: wireOf(error) });
        }
      }
    },
    [call, intl, prefersPlain, show],
  );

  const leave = useCallback(() => show({ phase: "closed" }), [show]);
  const close = useCallback(async () => {
    const before = current.current;
    if (before.phase !== "open") {
      leave();
      return;
    }
    const { session } = before;
    const isKept = session.state().isTouched || !session.isNew;
    if (!(await putAway(session))) {
      return;
    }
    if (current.current === before) {
      leave();
    }
    if (isKept && session.state().isTouched) {
      notices.show({
        tone: "plain",
        text: intl.formatMessage({ id: "compose.closed" }),
        action: {
          label: intl.formatMessage({ id: "compose.closed.reopen" }),
          run: () => void open({ kind: "draft", id: session.id }),
        },
      });
    }
  }, [intl, leave, notices, open]);

  const keep = useCallback(async () => {
    const { current: now } = current;
    return now.phase === "open" && now.session.state().isTouched ? now.session.keep(true) : true;
  }, []);
  useEffect(() => {
    // The last moment that a page hears of; the core has the text before the page is gone.
    const hidden = () => void keep();
    window.addEventListener("pagehide", hidden);
    return () => window.removeEventListener("pagehide", hidden);
  }, [keep]);

  const isLeftOverTold = useLeftOverNotice(call, (from) => void open(from));

  const left = useLeftDrafts();
  useEffect(() => {
    const [newest] = left;
    // A message that is about to be sent is more urgent; the drafts stay where they are.
    if (newest !== undefined && !isLeftOverTold()) {
      notices.show({
        tone: "plain",
        text: intl.formatMessage(
          { id: "compose.left" },
          { count: left.length, subject: newest.subject === "" ? "none" : newest.subject },
        ),
        action: {
          label: intl.formatMessage({ id: "compose.left.open" }),
          run: () => void open({ kind: "draft", id: newest.id }),
        },
        ms: 20_000,
      });
    }
    // Said once, at the start.
    // oxlint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  }, [left]);

  const value = useMemo<Inner>(
    () => ({
      open: (from) => void open(from),
      close: () => void close(),
      keep,
      draft: composing.phase === "open" ? composing.session.id : null,
      isOpen: composing.phase !== "closed",
      composing,
      call,
      leave,
    }),
    [open, close, keep, composing, call, leave],
  );
  return <ComposeContext value={value}>{children}</ComposeContext>;
}

/** The drafts that were left half way at the end of the last run and stand in no folder. */
function useLeftDrafts(): readonly DraftRow[] {
  const door = useDoor();
  const [left, setLeft] = useState<readonly DraftRow[]>([]);
  useEffect(() => {
    let isWanted = true;
    void (async () => {
      try {
        const rows = await door.call("draft_list", {});
        if (isWanted) {
          setLeft(rows.filter(({ message }) => message === null));
        }
      } catch {
        // They stay where they are; the next start offers them.
      }
    })();
    return () => {
      isWanted = false;
    };
  }, [door]);
  return left;
}

/** Keeps a draft that is left, or removes one in which nothing was written. False when it could not be kept. */
async function putAway(session: DraftSession): Promise<boolean> {
  if (session.isNew && !session.state().isTouched) {
    try {
      await session.discard();
    } catch {
      // A draft without a word in it goes by itself after a while.
    }
    return true;
  }
  if (!session.state().isTouched) {
    return true;
  }
  return session.keep(true);
}

function isSameDraft(session: DraftSession, from: DraftOpen): boolean {
  return from.kind === "draft" && from.id === session.id;
}
