import {
  Archive,
  Bookmark,
  CircleAlert,
  FileText,
  Folder,
  Inbox,
  Layers,
  PencilLine,
  Send,
  ShieldAlert,
  Star,
  Trash2,
  Upload,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import type { CSSProperties } from "react";
import { useIntl } from "react-intl";

import styles from "./FolderItem.module.css";
import type { Role } from "./folders";

const ICONS: Record<Role, LucideIcon> = {
  inbox: Inbox,
  drafts: PencilLine,
  sent: Send,
  archive: Archive,
  junk: ShieldAlert,
  trash: Trash2,
  all: Layers,
  flagged: Star,
  important: Bookmark,
  templates: FileText,
  outbox: Upload,
};

interface FolderItemProps {
  name: string;
  purpose: Role | null;
  depth: number;
  unread: number;
  isCurrent: boolean;
  /** True for a folder that only holds others. */
  isHolder?: boolean;
  hasError?: boolean;
  onChoose: () => void;
}

/** One folder of the sidebar. */
export function FolderItem({
  name,
  purpose,
  depth,
  unread,
  isCurrent,
  isHolder = false,
  hasError = false,
  onChoose,
}: FolderItemProps) {
  const intl = useIntl();
  const Icon = purpose === null ? Folder : ICONS[purpose];
  const indent = { "--depth": Math.min(depth, 4) } as CSSProperties;
  const inside = (
    <>
      <Icon size={16} aria-hidden className={styles.icon} />
      <span className={styles.name} title={name}>
        {name}
      </span>
      {hasError && (
        <CircleAlert
          size={14}
          className={styles.error}
          aria-label={intl.formatMessage({ id: "mail.folder.behind" })}
        />
      )}
      {unread > 0 && (
        <span className={styles.unread}>
          <span aria-hidden="true">{intl.formatNumber(unread)}</span>
          <span className={styles.quiet}>
            {intl.formatMessage({ id: "mail.folder.unread" }, { count: unread })}
          </span>
        </span>
      )}
    </>
  );
  return (
    <li style={indent}>
      {isHolder ? (
        <span className={styles.holder}>{inside}</span>
      ) : (
        <button
          type="button"
          className={styles.folder}
          aria-current={isCurrent ? "page" : undefined}
          onClick={onChoose}
        >
          {inside}
        </button>
      )}
    </li>
  );
}
