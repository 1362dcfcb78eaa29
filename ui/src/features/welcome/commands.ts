import type { MessageKey } from "../../i18n/messages";

/** Stands for the reader's own address; RFC 2606 keeps the domain from ever being somebody's. */
export const EXAMPLE_ADDRESS = "you@example.com";

/** The commands that connect a first mailbox, in the order in which they are used. */
export const FIRST_COMMANDS: readonly { purpose: MessageKey; command: string }[] = [
  { purpose: "welcome.detect", command: `mailroom detect ${EXAMPLE_ADDRESS}` },
  { purpose: "welcome.oauth", command: `mailroom account add ${EXAMPLE_ADDRESS} --oauth` },
  { purpose: "welcome.password", command: `mailroom account add ${EXAMPLE_ADDRESS} --password-stdin` },
  { purpose: "welcome.sync", command: "mailroom sync" },
];
