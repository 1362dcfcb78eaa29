import { X } from "lucide-react";
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useReducer,
  useRef,
  useState,
} from "react";
import type { CSSProperties, ReactNode } from "react";
import { useIntl } from "react-intl";

import { IconButton } from "../Button";
import type { Command } from "../commands/command";
import { useCommands } from "../commands/CommandProvider";
import { ariaKeys, onMac } from "../commands/keys";
import styles from "./NoticeProvider.module.css";
import { NO_NOTICES, afterClose, afterRun, afterShow, staysFor } from "./notices";
import type { Notice, NoticeState, ShownNotice } from "./notices";

export interface Notices {
  /** Shows a line at the bottom in place of the one that is there. */
  show: (notice: Notice) => void;
}

const NoticeContext = createContext<Notices | null>(null);

/** Shows lines about what just happened. */
export function useNotices(): Notices {
  const notices = useContext(NoticeContext);
  if (notices === null) {
    throw new Error("useNotices needs a NoticeProvider around it");
  }
  return notices;
}

type Happening = (state: NoticeState) => NoticeState;

/** The line at the bottom of the window. Needs a CommandProvider around it: Ctrl+Z and F6 are commands. */
export function NoticeProvider({ children }: { children: ReactNode }) {
  const intl = useIntl();
  const [{ shown, undos }, change] = useReducer(
    (state: NoticeState, happening: Happening) => happening(state),
    NO_NOTICES,
  );
  const numbers = useRef(0);
  const line = useRef<HTMLDivElement>(null);
  const before = useRef<HTMLElement | null>(null);
  const lapse = useRef<(id: number) => void>(() => {});

  const notices = useMemo<Notices>(
    () => ({
      show: (notice) => {
        numbers.current += 1;
        const id = numbers.current;
        change((state) => afterShow(state, { ...notice, id }));
        if (notice.actionMs !== undefined) {
          // Its undo goes too when another line has taken its place by then.
          setTimeout(() => lapse.current(id), notice.actionMs);
        }
      },
    }),
    [],
  );

  /** Gives the focus back to where it was when F6 took it. */
  const leave = useCallback(() => {
    if (line.current?.contains(document.activeElement) === true) {
      before.current?.focus();
    }
    before.current = null;
  }, []);
  const close = useCallback(
    (id: number) => {
      leave();
      change((state) => afterClose(state, id));
    },
    [leave],
  );
  useEffect(() => {
    lapse.current = (id) => {
      if (shown?.id === id) {
        leave();
      }
      change((state) => afterRun(state, id));
    };
  });
  const runAction = (id: number, run: () => void) => {
    leave();
    change((state) => afterRun(state, id));
    run();
  };

  const newest = undos.at(-1);
  const undo: Command = {
    id: "notices.undo",
    title: intl.formatMessage({ id: "notices.undoLast" }),
    group: "message",
    keys: ["Mod+Z"],
    enabled: newest !== undefined,
    run: () => newest !== undefined && runAction(newest.id, newest.action.run),
  };
  const reach: Command = {
    id: "notices.reach",
    title: intl.formatMessage({ id: "notices.reach" }),
    group: "view",
    keys: ["F6"],
    isKeyOnly: true,
    inDialog: true,
    enabled: shown !== null,
    run: () => {
      const own = line.current;
      if (own?.contains(document.activeElement) === true) {
        leave();
      } else {
        before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
        own?.querySelector("button")?.focus();
      }
    },
  };
  useCommands([undo, reach]);

  return (
    <NoticeContext value={notices}>
      {children}
      {/* A line may tell of something that a sheet did, so it stays heard and within reach above one. */}
      <div className={styles.place} data-react-aria-top-layer="true">
        <div role="status" aria-live="polite" className={styles.live} ref={line}>
          {shown !== null && (
            <Line
              key={shown.id}
              notice={shown}
              onRun={(run) => runAction(shown.id, run)}
              onClose={() => close(shown.id)}
            />
          )}
        </div>
      </div>
    </NoticeContext>
  );
}

interface LineProps {
  notice: ShownNotice;
  onRun: (run: () => void) => void;
  onClose: () => void;
}

function Line({ notice, onRun, onClose }: LineProps) {
  const intl = useIntl();
  const { text, action, actionMs, tone } = notice;
  // Looked at or about to be pressed: the time begins anew when neither is so any more.
  const [isHeld, setHeld] = useState({ hovered: false, focused: false });
  const closeNow = useRef(onClose);
  useEffect(() => {
    closeNow.current = onClose;
  });
  const waits = isHeld.hovered || isHeld.focused || actionMs !== undefined;
  const ms = staysFor(notice);
  useEffect(() => {
    if (waits) {
      return undefined;
    }
    const timer = setTimeout(() => closeNow.current(), ms);
    return () => clearTimeout(timer);
  }, [waits, ms]);

  return (
    <div
      className={tone === "bad" ? `${styles.line} ${styles.bad}` : styles.line}
      onPointerEnter={() => setHeld((held) => ({ ...held, hovered: true }))}
      onPointerLeave={() => setHeld((held) => ({ ...held, hovered: false }))}
      onFocus={() => setHeld((held) => ({ ...held, focused: true }))}
      onBlur={() => setHeld((held) => ({ ...held, focused: false }))}
    >
      <span className={styles.text}>{text}</span>
      {actionMs !== undefined && <Countdown seconds={Math.round(actionMs / 1000)} />}
      {action !== undefined && (
        <button
          type="button"
          className={styles.action}
          aria-keyshortcuts={action.isUndo === true ? ariaKeys("Mod+Z", onMac) : undefined}
          onClick={() => onRun(action.run)}
        >
          {action.label}
        </button>
      )}
      <IconButton label={intl.formatMessage({ id: "app.close" })} className={styles.close} onClick={onClose}>
        <X size={16} aria-hidden />
      </IconButton>
    </div>
  );
}

/** What is left of the time for the action. The words of the notice name it; a screen reader hears it once. */
function Countdown({ seconds }: { seconds: number }) {
  return (
    <span
      className={styles.countdown}
      aria-hidden="true"
      style={{ animationDuration: `${seconds}s`, "--steps": seconds } as CSSProperties}
    />
  );
}
