import { useIntl } from "react-intl";

import type { Command } from "../../shared/commands/command";
import { useCommands } from "../../shared/commands/CommandProvider";

export const SEND_KEYS = "Mod+Enter";
export const ATTACH_KEYS = "Mod+Shift+A";
export const DISCARD_KEYS = "Mod+Shift+D";

/** What can be done with the message that is written. */
export interface ComposerDeeds {
  /** At once, or at a moment in Unix milliseconds. */
  send: (at?: number) => void;
  /** Asks for the moment. */
  sendLater: () => void;
  attach: () => void;
  /** Shows the field for copies, or for hidden ones. */
  addCopies: (field: "cc" | "bcc") => void;
  switchForm: () => void;
  close: () => void;
  discard: () => void;
}

/** Registers the deeds as commands. Gives them too: the pane asks for their keys before others do. */
export function useComposerCommands(
  deeds: ComposerDeeds,
  { isSending, isPlain }: { isSending: boolean; isPlain: boolean },
): readonly Command[] {
  const intl = useIntl();
  const group = "write";
  const commands: Command[] = [
    {
      id: "compose.send",
      title: intl.formatMessage({ id: "compose.send" }),
      group,
      keys: [SEND_KEYS],
      enabled: !isSending,
      run: () => deeds.send(),
    },
    {
      id: "compose.later",
      title: intl.formatMessage({ id: "compose.sendLater" }),
      group,
      enabled: !isSending,
      run: deeds.sendLater,
    },
    {
      id: "compose.attach",
      title: intl.formatMessage({ id: "compose.attach" }),
      group,
      keys: [ATTACH_KEYS],
      run: deeds.attach,
    },
    {
      id: "compose.cc",
      title: intl.formatMessage({ id: "compose.do.cc" }),
      group,
      keys: ["Mod+Shift+C"],
      run: () => deeds.addCopies("cc"),
    },
    {
      id: "compose.bcc",
      title: intl.formatMessage({ id: "compose.do.bcc" }),
      group,
      keys: ["Mod+Shift+H"],
      run: () => deeds.addCopies("bcc"),
    },
    {
      id: "compose.form",
      title: intl.formatMessage({ id: isPlain ? "compose.toRich" : "compose.toPlain" }),
      group,
      run: deeds.switchForm,
    },
    {
      id: "compose.save",
      title: intl.formatMessage({ id: "compose.close" }),
      group,
      keys: ["Escape"],
      run: deeds.close,
    },
    {
      id: "compose.discard",
      title: intl.formatMessage({ id: "compose.discard" }),
      group,
      keys: [DISCARD_KEYS],
      run: deeds.discard,
    },
  ];
  useCommands(commands);
  return commands;
}
