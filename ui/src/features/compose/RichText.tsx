import { DOMSerializer } from "@tiptap/pm/model";
import { EditorContent, useEditor } from "@tiptap/react";
import type { Editor } from "@tiptap/react";
import { StarterKit } from "@tiptap/starter-kit";
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import type { Ref } from "react";
import { useIntl } from "react-intl";

import { isPressed, onMac } from "../../shared/commands/keys";
import { FormatBar, LINK_KEYS } from "./FormatBar";
import { droppedFiles } from "./files";
import { LinkSheet } from "./LinkSheet";
import { cleanPaste, dataUrl, isOnlyPicture, pendingName, PICTURES } from "./paste";
import { PictureDesk, pictureExtension } from "./pictures";
import type { PictureSource } from "./pictures";
import styles from "./RichText.module.css";

export interface TextHandle {
  focus: () => void;
}

interface RichTextProps {
  /** What stands in it at first. */
  html: string;
  onChange: (html: string) => void;
  /** Makes a picture a file of the draft. Gives its address, or nothing when that failed. */
  onPicture: (file: File, pending: string) => Promise<string | null>;
  /** Takes files that are no pictures. */
  onFiles: (transfer: DataTransfer) => void;
  /** The bytes of a picture of the draft, as an address that the window can show. */
  source: PictureSource;
  startsHere: boolean;
  handle?: Ref<TextHandle>;
}

/** The editor for formatted text, with its toolbar. */
export default function RichText({
  html,
  onChange,
  onPicture,
  onFiles,
  source,
  startsHere,
  handle,
}: RichTextProps) {
  const intl = useIntl();
  // The editor is made once; what it calls is that of the last drawing.
  const now = useRef({ onChange, onPicture, onFiles });
  const [desk] = useState(() => new PictureDesk(source));
  const [isLinking, setLinking] = useState(false);
  const editorOf = useRef<Editor | null>(null);
  useEffect(() => {
    now.current = { onChange, onPicture, onFiles };
    desk.ask(source);
  });

  const extensions = useMemo(
    () => [
      StarterKit.configure({
        heading: false,
        codeBlock: false,
        // A change that nobody made would count as one.
        trailingNode: false,
        link: { openOnClick: false, defaultProtocol: "https", HTMLAttributes: { target: null, rel: null } },
      }),
      pictureExtension(desk.show, intl.formatMessage({ id: "compose.picture" })),
    ],
    [desk, intl],
  );

  const bring = async (file: File, name: string) => {
    const address = await now.current.onPicture(file, name);
    if (address !== null) {
      desk.rename(name, address);
    }
    rename(editorOf.current, name, address);
  };
  const insertPictures = (files: readonly File[], at: number | null) => {
    for (const file of files) {
      const name = pendingName();
      desk.put(name, dataUrl(file));
      const picture = { type: "image", attrs: { src: name, alt: file.name } };
      const chain = editorOf.current?.chain().focus();
      if (at === null) {
        chain?.insertContent(picture).run();
      } else {
        chain?.insertContentAt(at, picture).run();
      }
      void bring(file, name);
    }
  };
  /** Takes what a paste or a drop brings, when that is files. */
  const takeFiles = (transfer: DataTransfer, at: number | null): boolean => {
    const { files, hasFolder } = droppedFiles(transfer);
    const written = transfer.getData("text/html");
    if ((files.length === 0 && !hasFolder) || (written !== "" && !isOnlyPicture(written))) {
      return false;
    }
    if (!hasFolder && files.every(({ type }) => PICTURES.test(type))) {
      insertPictures(files, at);
    } else {
      now.current.onFiles(transfer);
    }
    return true;
  };

  const editor = useEditor({
    extensions,
    content: html,
    injectCSS: false,
    autofocus: startsHere ? "start" : false,
    shouldRerenderOnTransaction: false,
    onUpdate: ({ editor: changed }) => now.current.onChange(htmlIn(changed)),
    editorProps: {
      attributes: {
        class: styles.text ?? "",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": intl.formatMessage({ id: "compose.text" }),
      },
      transformPastedHTML: (pasted) => {
        const clean = cleanPaste(pasted, pendingName);
        for (const { src, file } of clean.pictures) {
          desk.put(src, dataUrl(file));
          void bring(file, src);
        }
        return clean.html;
      },
      handleKeyDown: (_, event) => {
        const isLink = isPressed(LINK_KEYS, event, onMac);
        if (isLink) {
          event.preventDefault();
          setLinking(true);
        }
        return isLink;
      },
      handlePaste: (_, event) => event.clipboardData !== null && takeFiles(event.clipboardData, null),
      handleDrop: (view, event, _, isMoved) => {
        if (isMoved || event.dataTransfer === null) {
          return false;
        }
        const at = view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos ?? null;
        const isTaken = takeFiles(event.dataTransfer, at);
        if (isTaken) {
          event.preventDefault();
        }
        return isTaken;
      },
    },
  });
  useEffect(() => {
    editorOf.current = editor;
  }, [editor]);
  useImperativeHandle(handle, () => ({ focus: () => editor?.commands.focus() }), [editor]);

  return (
    <div className={styles.rich}>
      {editor !== null && <FormatBar editor={editor} onLink={() => setLinking(true)} />}
      <EditorContent editor={editor} className={styles.holder} />
      {isLinking && editor !== null && <LinkSheet editor={editor} onClose={() => setLinking(false)} />}
    </div>
  );
}

/** The editor's HTML, made in a document that loads nothing: a `cid:` address is none of the network. */
function htmlIn({ schema, state }: Editor): string {
  const inert = document.implementation.createHTMLDocument();
  const holder = inert.createElement("div");
  holder.append(DOMSerializer.fromSchema(schema).serializeFragment(state.doc.content, { document: inert }));
  return holder.innerHTML;
}

/** Gives a picture its lasting address, or takes it out when it has none. */
function rename(editor: Editor | null, name: string, address: string | null): void {
  if (editor === null || editor.isDestroyed) {
    return;
  }
  const { state } = editor;
  const change = state.tr.setMeta("addToHistory", false);
  state.doc.descendants((node, position) => {
    if (node.type.name === "image" && node.attrs["src"] === name) {
      const at = change.mapping.map(position);
      if (address === null) {
        change.delete(at, at + node.nodeSize);
      } else {
        change.setNodeMarkup(at, undefined, { ...node.attrs, src: address });
      }
    }
  });
  if (change.docChanged) {
    editor.view.dispatch(change);
  }
}
