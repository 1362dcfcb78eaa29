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
import { useRef, useState } from "react";
import type { CSSProperties, DragEvent, KeyboardEvent } from "react";
import { useIntl } from "react-intl";

import { onMac } from "../../shared/commands/keys";
import hidden from "../../shared/hidden.module.css";
import { DRAGGED, placingOf } from "./dragging";
import type { DropOutcome } from "./dragging";
import styles from "./FolderItem.module.css";
import { FolderMenu } from "./FolderMenu";
import type { FolderDeeds } from "./FolderMenu";
import type { Placing, Role } from "./folders";

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

/** What the pointer shows over a folder that takes the rows. */
const EFFECTS: Partial<Record<DropOutcome, "move" | "copy">> = { moves: "move", copies: "copy" };

interface FolderItemProps {
  name: string;
  purpose: Role | null;
  depth: number;
  unread: number;
  isCurrent: boolean;
  /** True for a folder that only holds others. */
  isHolder?: boolean;
  hasError?: boolean;
  /** What the sign of trouble means, when it is not that the folder is behind. */
  errorLabel?: string;
  /** How many are in it, where that is told instead of what is unread. */
  count?: number;
  onChoose: () => void;
  /** What its menu offers besides opening it; absent where there is none. */
  deeds?: FolderDeeds;
  /** What becomes of the rows that are dragged, over this folder. */
  outcome?: ((placing: Placing) => DropOutcome) | undefined;
  /** Rows were let go over it, or only pointed at it (`false`). */
  onDrop?: ((outcome: DropOutcome) => void) | undefined;
  onOver?: ((outcome: DropOutcome | null) => void) | undefined;
}

/** What a key does while a folder has the focus. */
function deedOf({ key, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent, deeds?: FolderDeeds) {
  if (deeds === undefined || altKey || ctrlKey || metaKey || shiftKey) {
    return null;
  }
  // A folder that stays keeps the key to itself all the same: the messages that are chosen are not meant.
  return key === "F2" ? deeds.rename : key === "Delete" ? (deeds.remove ?? (() => {})) : null;
}

function shortcutsOf(deeds?: FolderDeeds): string | undefined {
  const keys = [deeds?.rename ? "F2" : "", deeds?.remove ? "Delete" : ""].filter(Boolean);
  return keys.length === 0 ? undefined : keys.join(" ");
}

/** One folder of the sidebar. */
export function FolderItem(props: FolderItemProps) {
  const { name, purpose, depth, unread, isCurrent, onChoose } = props;
  const { isHolder = false, hasError = false, count = 0 } = props;
  const intl = useIntl();
  const [over, setOver] = useState<DropOutcome | null>(null);
  const [showsMenu, setShowsMenu] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const Icon = purpose === null ? Folder : ICONS[purpose];
  const indent = { "--depth": Math.min(depth, 4) } as CSSProperties;

  const drag = (event: DragEvent) => {
    if (props.outcome === undefined || !event.dataTransfer.types.includes(DRAGGED)) {
      return;
    }
    const outcome = props.outcome(placingOf(event, onMac));
    const effect = EFFECTS[outcome];
    if (effect !== undefined) {
      event.preventDefault();
      event.dataTransfer.dropEffect = effect;
    }
    if (over !== outcome) {
      setOver(outcome);
      props.onOver?.(outcome);
    }
  };
  const leave = () => {
    setOver(null);
    props.onOver?.(null);
  };

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
          aria-label={props.errorLabel ?? intl.formatMessage({ id: "mail.folder.behind" })}
        />
      )}
      {count > 0 && <span className={styles.unread}>{intl.formatNumber(count)}</span>}
      {unread > 0 && (
        <span className={styles.unread}>
          <span aria-hidden="true">{intl.formatNumber(unread)}</span>
          <span className={hidden.text}>
            {intl.formatMessage({ id: "mail.folder.unread" }, { count: unread })}
          </span>
        </span>
      )}
    </>
  );
  return (
    // Rows are let go here by pointer; by keyboard there is the sheet that asks for the folder.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      style={indent}
      data-drop={over === null ? undefined : over in EFFECTS ? "yes" : "no"}
      className={styles.item}
      onDragEnter={drag}
      onDragOver={drag}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) {
          leave();
        }
      }}
      onDrop={(event) => {
        event.preventDefault();
        const outcome = over;
        leave();
        if (outcome !== null) {
          props.onDrop?.(outcome);
        }
      }}
    >
      {isHolder ? (
        <span className={styles.holder}>{inside}</span>
      ) : (
        <button
          ref={button}
          type="button"
          className={styles.folder}
          aria-current={isCurrent ? "page" : undefined}
          data-menu={showsMenu ? "open" : undefined}
          onClick={onChoose}
          aria-keyshortcuts={shortcutsOf(props.deeds)}
          onKeyDown={(event) => {
            const deed = deedOf(event, props.deeds);
            if (deed !== null) {
              // Delete would delete the chosen messages.
              event.preventDefault();
              deed(button.current);
            }
          }}
          onContextMenu={(event) => {
            if (props.deeds !== undefined) {
              event.preventDefault();
              setShowsMenu(true);
            }
          }}
        >
          {inside}
        </button>
      )}
      {showsMenu && props.deeds !== undefined && (
        <FolderMenu
          folder={name}
          trigger={button}
          deeds={props.deeds}
          onOpenFolder={onChoose}
          onClose={() => setShowsMenu(false)}
        />
      )}
    </li>
  );
}
