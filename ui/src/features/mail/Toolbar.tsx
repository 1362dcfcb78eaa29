import { Archive, FolderInput, Mail, MailOpen, ShieldAlert, Star, Trash2 } from "lucide-react";
import { useIntl } from "react-intl";

import type { MessageRow } from "../../ipc/contract";
import { IconButton } from "../../shared/Button";
import { KEYS } from "./keys";
import { FLAGGED, SEEN, has } from "./rows";
import styles from "./Toolbar.module.css";

/** What can be done with the open message. */
export interface Commands {
  /** `null` where the account has no such folder, or the message is in it. */
  archive: (() => void) | null;
  junk: (() => void) | null;
  remove: () => void;
  move: () => void;
  star: () => void;
  unread: () => void;
}

const none = () => {};

/** The buttons above a message. */
export function Toolbar({ commands, row }: { commands: Commands; row: MessageRow | null }) {
  const intl = useIntl();
  const isStarred = row !== null && has(row, FLAGGED);
  const isRead = row !== null && has(row, SEEN);
  return (
    <div role="toolbar" aria-label={intl.formatMessage({ id: "mail.toolbar" })} className={styles.toolbar}>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.archive" })}
        shortcut={KEYS.archive}
        disabled={row === null || commands.archive === null}
        onClick={commands.archive ?? none}
      >
        <Archive size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.delete" })}
        shortcut={KEYS.delete}
        disabled={row === null}
        onClick={commands.remove}
      >
        <Trash2 size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.junk" })}
        shortcut={KEYS.junk}
        disabled={row === null || commands.junk === null}
        onClick={commands.junk ?? none}
      >
        <ShieldAlert size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.move" })}
        shortcut={KEYS.move}
        disabled={row === null}
        onClick={commands.move}
      >
        <FolderInput size={18} aria-hidden />
      </IconButton>
      <span className={styles.gap} />
      <IconButton
        label={intl.formatMessage({ id: isRead ? "mail.do.unread" : "mail.do.read" })}
        shortcut={KEYS.unread}
        disabled={row === null}
        onClick={commands.unread}
      >
        {isRead ? <Mail size={18} aria-hidden /> : <MailOpen size={18} aria-hidden />}
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: isStarred ? "mail.do.unstar" : "mail.do.star" })}
        shortcut={KEYS.star}
        aria-pressed={isStarred}
        disabled={row === null}
        onClick={commands.star}
      >
        <Star size={18} aria-hidden fill={isStarred ? "currentColor" : "none"} />
      </IconButton>
    </div>
  );
}
