import { useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { AccountView } from "../../ipc/contract";
import type { Command } from "../../shared/commands/command";
import { useCommands } from "../../shared/commands/CommandProvider";
import { useGo } from "../../shared/place";
import { KEYS } from "./keys";
import type { Answers, RowActions } from "./rowActions";
import type { Check } from "./useCheck";
import type { AccountFolders } from "./useFolders";
import { ALL_INBOXES, isScope } from "./view";
import type { Scope } from "./view";

interface MailCommands {
  accounts: readonly AccountView[];
  foldersOf: (address: string) => AccountFolders;
  actions: RowActions;
  answers: Answers | null;
  check: Check;
  isSearching: boolean;
  /** What the list shows; `null` when it is no folder. */
  scope: Scope | null;
  onStep: (step: number, withShift: boolean) => void;
  onAll: () => void;
  onTick: () => void;
  onOpen: () => void;
  onClose: () => void;
  onSearch: () => void;
  onScope: (scope: Scope) => void;
  onOutbox: () => void;
  onWrite: () => void;
  onAddAccount: () => void;
}

const none = () => {};

/** Further than any list is long. */
const FAR = 10_000_000;

/** What the mail view can do, for the palette, for its keys and for the sheet of shortcuts. */
export function useMailCommands(mail: MailCommands): void {
  const intl = useIntl();
  const goTo = useGo();
  const { accounts, foldersOf, actions, answers, check, scope, onStep, onScope } = mail;
  const has = actions.count > 0;

  const message: Command[] = [
    command("reply", "mail.do.reply", [KEYS.reply, "Mod+R"], answers?.reply ?? none, answers !== null),
    command(
      "replyAll",
      "mail.do.replyAll",
      [KEYS.replyAll, "Mod+Shift+R"],
      answers?.replyAll ?? none,
      answers !== null,
    ),
    command(
      "forward",
      "mail.do.forward",
      [KEYS.forward, "Mod+L"],
      answers?.forward ?? none,
      answers !== null,
    ),
    command(
      "archive",
      "mail.do.archive",
      [KEYS.archive],
      actions.archive ?? none,
      has && actions.archive !== null,
    ),
    command("delete", "mail.do.delete", [KEYS.delete, "Delete"], actions.remove, has),
    command(
      "junk",
      actions.isJunk ? "mail.do.notJunk" : "mail.do.junk",
      [KEYS.junk],
      actions.junk ?? none,
      has && actions.junk !== null,
    ),
    command("move", "mail.do.move", [KEYS.move], actions.move, has),
    command("copy", "mail.do.copy", [KEYS.copy], actions.copy, has),
    command("unread", actions.isRead ? "mail.do.unread" : "mail.do.read", [KEYS.unread], actions.unread, has),
    command("star", actions.isStarred ? "mail.do.unstar" : "mail.do.star", [KEYS.star], actions.star, has),
  ];

  function command(
    name: string,
    title: MessageKey,
    keys: string[],
    run: () => void,
    enabled = true,
  ): Command {
    return {
      id: `mail.${name}`,
      title: intl.formatMessage({ id: title }),
      group: "message",
      keys,
      run,
      enabled,
    };
  }
  const inGroup = (group: Command["group"], ...given: Parameters<typeof command>): Command => ({
    ...command(...given),
    group,
  });
  const keyOnly = (...given: Parameters<typeof command>): Command => ({
    ...inGroup("list", ...given),
    isKeyOnly: true,
  });

  const list: Command[] = [
    keyOnly("next", "mail.key.next", ["j", "ArrowDown"], () => onStep(1, false)),
    keyOnly("previous", "mail.key.previous", ["k", "ArrowUp"], () => onStep(-1, false)),
    keyOnly("pageDown", "mail.key.pageDown", ["PageDown"], () => onStep(8, false)),
    keyOnly("pageUp", "mail.key.pageUp", ["PageUp"], () => onStep(-8, false)),
    keyOnly("first", "mail.key.first", ["Home"], () => onStep(-FAR, false)),
    keyOnly("last", "mail.key.last", ["End"], () => onStep(FAR, false)),
    keyOnly("open", "mail.key.open", ["Enter", "o"], mail.onOpen),
    keyOnly("extendDown", "mail.key.extendDown", ["Shift+ArrowDown", "Shift+J"], () => onStep(1, true)),
    keyOnly("extendUp", "mail.key.extendUp", ["Shift+ArrowUp", "Shift+K"], () => onStep(-1, true)),
    inGroup("list", "all", "mail.selected.all", ["Mod+A"], mail.onAll),
    inGroup("list", "tick", "mail.select", [KEYS.tick], mail.onTick),
    inGroup("list", "search", "mail.search", [KEYS.search, "Mod+F"], mail.onSearch),
    keyOnly("close", "mail.key.close", ["Escape"], mail.onClose),
  ];

  const nameOf = (line: AccountFolders["lines"][number]) =>
    "id" in line.name ? intl.formatMessage(line.name) : line.folder.path;
  const isSeveral = accounts.length > 1;
  const go: Command[] = [
    ...(isSeveral ? [inGroup("go", "go.all", "mail.folder.allInboxes", [], () => onScope(ALL_INBOXES))] : []),
    inGroup("go", "go.outbox", "mail.outbox", [], mail.onOutbox),
    ...accounts.flatMap(({ address }) =>
      foldersOf(address)
        .lines.filter(({ folder }) => folder.selectable)
        .map((line): Command => ({
          id: `mail.go ${address} ${line.folder.path}`,
          title: intl.formatMessage({ id: "mail.go" }, { folder: nameOf(line) }),
          group: "go",
          hint: isSeveral ? address : intl.formatMessage({ id: "commands.group.go" }),
          run: () => onScope({ address, folder: line.folder.path }),
        })),
    ),
  ];

  const account: Command[] = [
    inGroup("account", "check", "mail.sync.check", ["Mod+Shift+M"], () => check.run(), !check.isRunning),
    inGroup("account", "add", "mail.addAccount", [], mail.onAddAccount),
    ...(isSeveral
      ? accounts.map(({ address }): Command => ({
          id: `mail.account ${address}`,
          title: intl.formatMessage({ id: "mail.goAccount" }, { address }),
          group: "account",
          run: () => onScope({ address, folder: "inbox" }),
        }))
      : []),
  ];
  const address = scope?.address ?? null;
  const here =
    scope === null || address === null
      ? undefined
      : foldersOf(address).lines.find(({ folder }) => isScope(scope, address, folder));
  if (address !== null && here !== undefined) {
    account.push({
      id: "mail.files",
      title: intl.formatMessage({ id: "mail.do.files" }, { folder: nameOf(here) }),
      group: "account",
      run: () => goTo({ kind: "settings", page: "account", address, folder: here.folder.path }),
    });
  }
  const write = [inGroup("write", "write", "mail.write", [KEYS.write, "Mod+N"], mail.onWrite)];

  useCommands([...message, ...list, ...write, ...go, ...account]);
}
