import { EditorContent, useEditor, useEditorState } from "@tiptap/react";
import { StarterKit } from "@tiptap/starter-kit";
import { Bold, Italic, Link2, Unlink } from "lucide-react";
import { useState } from "react";
import { FormattedMessage, useIntl } from "react-intl";

import { Button, IconButton } from "../Button";
import { Field } from "../Field";
import { webAddress } from "./link";
import styles from "./SignatureEditor.module.css";

interface SignatureEditorProps {
  /** The signature to begin with. */
  html: string;
  /** Its name for a screen reader. */
  label: string;
  /** Is told the signature as it is now; empty when nothing stands in it. */
  onChange: (html: string) => void;
}

/** A small editor: paragraphs, bold, italic and links. */
export default function SignatureEditor({ html, label, onChange }: SignatureEditorProps) {
  const intl = useIntl();
  const [address, setAddress] = useState<string | null>(null);
  const isNoAddress = address !== null && address !== "" && webAddress(address) === null;
  const editor = useEditor({
    content: html,
    extensions: [
      StarterKit.configure({
        blockquote: false,
        bulletList: false,
        code: false,
        codeBlock: false,
        heading: false,
        horizontalRule: false,
        listItem: false,
        listKeymap: false,
        orderedList: false,
        strike: false,
        underline: false,
        link: { openOnClick: false, protocols: ["mailto", "tel"] },
      }),
    ],
    editorProps: {
      attributes: {
        "aria-label": label,
        "aria-multiline": "true",
        role: "textbox",
        class: styles.editor ?? "",
      },
    },
    onUpdate: ({ editor: now }) => onChange(now.isEmpty ? "" : now.getHTML()),
  });
  const is = useEditorState({
    editor,
    selector: ({ editor: now }) => ({
      bold: now.isActive("bold"),
      italic: now.isActive("italic"),
      link: now.isActive("link"),
    }),
  });

  const link = () => {
    const href = webAddress(address ?? "");
    if (href !== null) {
      editor.chain().focus().extendMarkRange("link").setLink({ href }).run();
      setAddress(null);
    }
  };
  return (
    <div className={styles.whole}>
      <span className={styles.label}>{label}</span>
      <div
        className={styles.tools}
        role="toolbar"
        aria-label={intl.formatMessage({ id: "settings.signature.tools" })}
      >
        <IconButton
          label={intl.formatMessage({ id: "settings.signature.bold" })}
          aria-pressed={is.bold}
          onClick={() => editor.chain().focus().toggleBold().run()}
        >
          <Bold size={16} aria-hidden />
        </IconButton>
        <IconButton
          label={intl.formatMessage({ id: "settings.signature.italic" })}
          aria-pressed={is.italic}
          onClick={() => editor.chain().focus().toggleItalic().run()}
        >
          <Italic size={16} aria-hidden />
        </IconButton>
        <IconButton
          label={intl.formatMessage({ id: "settings.signature.link" })}
          aria-expanded={address !== null}
          onClick={() => setAddress(String(editor.getAttributes("link")["href"] ?? ""))}
        >
          <Link2 size={16} aria-hidden />
        </IconButton>
        <IconButton
          label={intl.formatMessage({ id: "settings.signature.unlink" })}
          disabled={!is.link}
          onClick={() => editor.chain().focus().extendMarkRange("link").unsetLink().run()}
        >
          <Unlink size={16} aria-hidden />
        </IconButton>
      </div>
      {address !== null && (
        <div className={styles.linkLine}>
          <Field
            type="url"
            label={<FormattedMessage id="settings.signature.address" />}
            value={address}
            problem={isNoAddress ? <FormattedMessage id="settings.signature.addressProblem" /> : undefined}
            onType={setAddress}
            onKeyDown={(event) => {
              if (event.key === "Enter") {
                event.preventDefault();
                link();
              } else if (event.key === "Escape") {
                event.stopPropagation();
                setAddress(null);
              }
            }}
          />
          <Button disabled={webAddress(address) === null} onClick={link}>
            <FormattedMessage id="settings.signature.setLink" />
          </Button>
        </div>
      )}
      <EditorContent editor={editor} />
    </div>
  );
}
