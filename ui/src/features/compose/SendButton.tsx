import { ChevronDown, SendHorizontal } from "lucide-react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover, Separator } from "react-aria-components";
import { FormattedMessage, useIntl } from "react-intl";

import { Button } from "../../shared/Button";
import { ariaKeys, onMac, printedKeys } from "../../shared/commands/keys";
import { useNow } from "../../shared/useNow";
import { whenText } from "./outbox";
import { sendTimes } from "./schedule";
import styles from "./SendButton.module.css";
import { SEND_KEYS } from "./useComposerCommands";

interface SendButtonProps {
  isSending: boolean;
  onSend: () => void;
  onSendAt: (at: number) => void;
  onPick: () => void;
}

/** Send, and beside it the menu of later moments. */
export function SendButton({ isSending, onSend, onSendAt, onPick }: SendButtonProps) {
  const intl = useIntl();
  const now = useNow();
  const times = sendTimes(now);
  return (
    <div className={styles.pair}>
      <Button
        look="primary"
        className={styles.send ?? ""}
        disabled={isSending}
        aria-keyshortcuts={ariaKeys(SEND_KEYS, onMac)}
        title={`${intl.formatMessage({ id: "compose.send" })} (${printedKeys(SEND_KEYS, onMac)})`}
        onClick={onSend}
      >
        <SendHorizontal size={16} aria-hidden />
        <FormattedMessage id={isSending ? "compose.sending" : "compose.send"} />
      </Button>
      <MenuTrigger>
        <AriaButton
          className={styles.later ?? ""}
          isDisabled={isSending}
          aria-label={intl.formatMessage({ id: "compose.sendLater" })}
        >
          <ChevronDown size={16} aria-hidden />
        </AriaButton>
        <Popover placement="top start" className={styles.popover ?? ""}>
          <Menu
            className={styles.menu ?? ""}
            aria-label={intl.formatMessage({ id: "compose.sendLater" })}
            onAction={(key) => {
              const time = times.find(({ kind }) => kind === key);
              if (time === undefined) {
                onPick();
              } else {
                onSendAt(time.at);
              }
            }}
          >
            {times.map(({ kind, at }) => (
              <MenuItem
                key={kind}
                id={kind}
                className={styles.item ?? ""}
                textValue={intl.formatMessage({ id: `compose.later.${kind}` })}
              >
                <span>
                  <FormattedMessage id={`compose.later.${kind}`} />
                </span>
                <span className={styles.when}>{whenText(intl, at, now)}</span>
              </MenuItem>
            ))}
            <Separator className={styles.line ?? ""} />
            <MenuItem id="pick" className={styles.item ?? ""}>
              <FormattedMessage id="compose.later.pick" />
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </div>
  );
}
