import {
  Archive,
  Copy,
  FolderInput,
  Forward,
  Inbox,
  Mail,
  MailOpen,
  Reply,
  ReplyAll,
  ShieldAlert,
  Star,
  Trash2,
} from "lucide-react";
import { useIntl } from "react-intl";

import { IconButton } from "../../shared/Button";
import { KEYS } from "./keys";
import type { Answers, RowActions } from "./rowActions";
import styles from "./Toolbar.module.css";

interface ToolbarProps {
  actions: RowActions;
  /** Absent where several messages are chosen: one answers one message. */
  answers?: Answers | null;
}

const none = () => {};

/** The buttons above a message, a conversation, or what is chosen. */
export function Toolbar({ actions, answers = null }: ToolbarProps) {
  const intl = useIntl();
  const { isStarred, isRead, isJunk } = actions;
  const isOff = actions.count === 0;
  return (
    <div role="toolbar" aria-label={intl.formatMessage({ id: "mail.toolbar" })} className={styles.toolbar}>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.archive" })}
        shortcut={KEYS.archive}
        disabled={isOff || actions.archive === null}
        onClick={actions.archive ?? none}
      >
        <Archive size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.delete" })}
        shortcut={KEYS.delete}
        disabled={isOff}
        onClick={actions.remove}
      >
        <Trash2 size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: isJunk ? "mail.do.notJunk" : "mail.do.junk" })}
        shortcut={KEYS.junk}
        disabled={isOff || actions.junk === null}
        onClick={actions.junk ?? none}
      >
        {isJunk ? <Inbox size={18} aria-hidden /> : <ShieldAlert size={18} aria-hidden />}
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.move" })}
        shortcut={KEYS.move}
        disabled={isOff}
        onClick={actions.move}
      >
        <FolderInput size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: "mail.do.copy" })}
        shortcut={KEYS.copy}
        disabled={isOff}
        onClick={actions.copy}
      >
        <Copy size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: isRead ? "mail.do.unread" : "mail.do.read" })}
        shortcut={KEYS.unread}
        disabled={isOff}
        onClick={actions.unread}
      >
        {isRead ? <Mail size={18} aria-hidden /> : <MailOpen size={18} aria-hidden />}
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: isStarred ? "mail.do.unstar" : "mail.do.star" })}
        shortcut={KEYS.star}
        aria-pressed={isStarred}
        disabled={isOff}
        onClick={actions.star}
      >
        <Star size={18} aria-hidden fill={isStarred ? "currentColor" : "none"} />
      </IconButton>
      {answers !== null && (
        <>
          <span className={styles.gap} />
          <IconButton
            label={intl.formatMessage({ id: "mail.do.reply" })}
            shortcut={KEYS.reply}
            onClick={answers.reply}
          >
            <Reply size={18} aria-hidden />
          </IconButton>
          <IconButton
            label={intl.formatMessage({ id: "mail.do.replyAll" })}
            shortcut={KEYS.replyAll}
            onClick={answers.replyAll}
          >
            <ReplyAll size={18} aria-hidden />
          </IconButton>
          <IconButton
            label={intl.formatMessage({ id: "mail.do.forward" })}
            shortcut={KEYS.forward}
            onClick={answers.forward}
          >
            <Forward size={18} aria-hidden />
          </IconButton>
        </>
      )}
    </div>
  );
}
