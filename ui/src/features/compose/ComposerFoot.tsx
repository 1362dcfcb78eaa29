import { CaseSensitive, LetterText, Paperclip, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useIntl } from "react-intl";

import { IconButton } from "../../shared/Button";
import styles from "./Composer.module.css";
import { ATTACH_KEYS, DISCARD_KEYS } from "./useComposerCommands";
import type { ComposerDeeds } from "./useComposerCommands";
import { SendButton } from "./SendButton";

interface ComposerFootProps {
  deeds: ComposerDeeds;
  isSending: boolean;
  isPlain: boolean;
  /** Where what is typed is safe. */
  children: ReactNode;
}

/** The row of buttons below the message. */
export function ComposerFoot({ deeds, isSending, isPlain, children }: ComposerFootProps) {
  const intl = useIntl();
  return (
    <footer className={styles.foot}>
      <SendButton
        isSending={isSending}
        onSend={() => deeds.send()}
        onSendAt={deeds.send}
        onPick={deeds.sendLater}
      />
      <IconButton
        label={intl.formatMessage({ id: "compose.attach" })}
        shortcut={ATTACH_KEYS}
        onClick={deeds.attach}
      >
        <Paperclip size={18} aria-hidden />
      </IconButton>
      <IconButton
        label={intl.formatMessage({ id: isPlain ? "compose.toRich" : "compose.toPlain" })}
        onClick={deeds.switchForm}
      >
        {isPlain ? <CaseSensitive size={19} aria-hidden /> : <LetterText size={18} aria-hidden />}
      </IconButton>
      {children}
      <IconButton
        label={intl.formatMessage({ id: "compose.discard" })}
        shortcut={DISCARD_KEYS}
        onClick={deeds.discard}
      >
        <Trash2 size={18} aria-hidden />
      </IconButton>
    </footer>
  );
}
