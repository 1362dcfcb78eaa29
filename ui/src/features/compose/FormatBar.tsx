import { useEditorState } from "@tiptap/react";
import type { Editor } from "@tiptap/react";
import {
  Bold,
  Code,
  Italic,
  Link as LinkSign,
  List,
  ListOrdered,
  Redo2,
  RemoveFormatting,
  Strikethrough,
  TextQuote,
  Underline,
  Undo2,
} from "lucide-react";
import type { LucideIcon } from "lucide-react";
import { useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { useIntl } from "react-intl";

import { ariaKeys, onMac, printedKeys } from "../../shared/commands/keys";
import styles from "./FormatBar.module.css";

/** Makes a link, in the text as well. */
export const LINK_KEYS = "Mod+Shift+K";

const MARKS = [
  ["bold", Bold, "Mod+B"],
  ["italic", Italic, "Mod+I"],
  ["underline", Underline, "Mod+U"],
  ["strike", Strikethrough, "Mod+Shift+S"],
  ["bulletList", List, "Mod+Shift+8"],
  ["orderedList", ListOrdered, "Mod+Shift+7"],
  ["blockquote", TextQuote, "Mod+Shift+B"],
  ["code", Code, "Mod+E"],
  ["link", LinkSign, LINK_KEYS],
] as const satisfies readonly [string, LucideIcon, string][];

type Mark = (typeof MARKS)[number][0];

/** The toolbar of the editor: one stop of the Tab key, arrows inside it (ARIA toolbar pattern). */
export function FormatBar({ editor, onLink }: { editor: Editor; onLink: () => void }) {
  const intl = useIntl();
  const bar = useRef<HTMLDivElement>(null);
  const [stop, setStop] = useState(0);
  const state = useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      on: MARKS.filter(([name]) => now.isActive(name)).map(([name]) => name as string),
      canUndo: now.can().undo(),
      canRedo: now.can().redo(),
    }),
  });

  const run = (name: Mark) => {
    const chain = editor.chain().focus();
    const deeds: Record<Mark, () => void> = {
      bold: () => chain.toggleBold().run(),
      italic: () => chain.toggleItalic().run(),
      underline: () => chain.toggleUnderline().run(),
      strike: () => chain.toggleStrike().run(),
      bulletList: () => chain.toggleBulletList().run(),
      orderedList: () => chain.toggleOrderedList().run(),
      blockquote: () => chain.toggleBlockquote().run(),
      code: () => chain.toggleCode().run(),
      link: onLink,
    };
    deeds[name]();
  };
  const others = [
    {
      name: "clear",
      Sign: RemoveFormatting,
      keys: null,
      isOff: false,
      run: () => editor.chain().focus().unsetAllMarks().clearNodes().run(),
    },
    {
      name: "undo",
      Sign: Undo2,
      keys: "Mod+Z",
      isOff: !state.canUndo,
      run: () => editor.chain().focus().undo().run(),
    },
    {
      name: "redo",
      Sign: Redo2,
      keys: "Mod+Shift+Z",
      isOff: !state.canRedo,
      run: () => editor.chain().focus().redo().run(),
    },
  ] as const;

  const onKey = (event: KeyboardEvent) => {
    const buttons = [...(bar.current?.querySelectorAll("button") ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    const goals: Record<string, number> = {
      ArrowRight: (at + 1) % buttons.length,
      ArrowLeft: (at - 1 + buttons.length) % buttons.length,
      Home: 0,
      End: buttons.length - 1,
    };
    const goal = goals[event.key];
    if (goal !== undefined) {
      event.preventDefault();
      setStop(goal);
      buttons[goal]?.focus();
    }
  };

  return (
    // The keys are those of the buttons inside.
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus
    <div
      ref={bar}
      role="toolbar"
      aria-label={intl.formatMessage({ id: "compose.format" })}
      className={styles.bar}
      onKeyDown={onKey}
    >
      {MARKS.map(([name, Sign, keys], index) => (
        <button
          key={name}
          type="button"
          tabIndex={index === stop ? 0 : -1}
          className={styles.button}
          aria-pressed={state.on.includes(name)}
          aria-label={intl.formatMessage({ id: `compose.format.${name}` })}
          aria-keyshortcuts={ariaKeys(keys, onMac)}
          title={`${intl.formatMessage({ id: `compose.format.${name}` })} (${printedKeys(keys, onMac)})`}
          onFocus={() => setStop(index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => run(name)}
        >
          <Sign size={17} aria-hidden />
        </button>
      ))}
      {others.map(({ name, Sign, keys, isOff, run: runOther }, index) => (
        <button
          key={name}
          type="button"
          tabIndex={MARKS.length + index === stop ? 0 : -1}
          className={styles.button}
          aria-disabled={isOff}
          aria-label={intl.formatMessage({ id: `compose.format.${name}` })}
          aria-keyshortcuts={keys === null ? undefined : ariaKeys(keys, onMac)}
          title={
            intl.formatMessage({ id: `compose.format.${name}` }) +
            (keys === null ? "" : ` (${printedKeys(keys, onMac)})`)
          }
          onFocus={() => setStop(MARKS.length + index)}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => !isOff && runOther()}
        >
          <Sign size={17} aria-hidden />
        </button>
      ))}
    </div>
  );
}
