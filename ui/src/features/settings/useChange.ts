import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import { useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { AccountUpdate, AccountView, SettingsUpdate } from "../../ipc/contract";
import { useDoor } from "../../ipc/context";
import { tags } from "../../ipc/contract";
import { wireOf } from "../../ipc/door";
import { invalidate } from "../../ipc/tags";
import { errorText } from "../../shared/errors/text";
import { useNotices } from "../../shared/notices/NoticeProvider";
import { reversed } from "../../shared/settings/settings";
import { useSettings } from "../../shared/settings/useSettings";
import { changedAccount, reversedAccount } from "./account";

/** What the person calls what was changed: as it is, or by the key of its words. */
export type Name = string | { id: MessageKey };

/** Does something that can be taken back, and says so with a button that takes it back. */
export type DoWithUndo = (name: Name, act: () => Promise<unknown>, undo: () => Promise<unknown>) => void;

/** A line says what was changed, with Undo; or why it was not. */
export function useUndoable(): DoWithUndo {
  const intl = useIntl();
  const notices = useNotices();
  // The line is written after the change, which may have been one of the language.
  const words = useRef(intl);
  useEffect(() => {
    words.current = intl;
  });
  return useCallback(
    (name, act, undo) => {
      const fail = (error: unknown) => {
        const { title, fixer } = errorText(words.current, wireOf(error));
        notices.show({ text: `${title}. ${fixer}`, tone: "bad" });
      };
      const done = () =>
        notices.show({
          text: words.current.formatMessage(
            { id: "settings.changed" },
            { name: typeof name === "string" ? name : words.current.formatMessage(name) },
          ),
          tone: "plain",
          action: {
            label: words.current.formatMessage({ id: "notices.undo" }),
            isUndo: true,
            run: () => void undo().catch(fail),
          },
        });
      const run = async () => {
        try {
          await act();
          done();
        } catch (error) {
          fail(error);
        }
      };
      void run();
    },
    [notices],
  );
}

/** Changes settings of the program at once, with Undo. `id` names the setting. */
export function useChange(): (part: SettingsUpdate, id: MessageKey) => void {
  const { settings, change } = useSettings();
  const run = useUndoable();
  return useCallback(
    (part, id) => {
      const back = reversed(settings, part);
      run(
        { id },
        () => change(part),
        () => change(back),
      );
    },
    [settings, change, run],
  );
}

/** What of an account can be changed. */
export type AccountChange = Omit<AccountUpdate, "address">;

/** Changes an account: at once on the screen, then in the core. When the core refuses, it is as before. */
export function useAccountUpdate(): (address: string, part: AccountChange) => Promise<void> {
  const door = useDoor();
  const client = useQueryClient();
  return useCallback(
    async (address, part) => {
      const key = ["account_list", {}];
      const show = () =>
        client.setQueryData<AccountView[]>(key, (now) =>
          now?.map((account) => changedAccount(account, account.address === address, part)),
        );
      show();
      // A question that was under way would bring the old answer, and giving it up brings back what was before it.
      await client.cancelQueries({ queryKey: key });
      show();
      try {
        await door.call("account_update", { address, ...part });
      } finally {
        await invalidate(client, tags.account_update.invalidates);
      }
    },
    [client, door],
  );
}

/** Changes an account at once, with Undo. */
export function useAccountChange(account: AccountView): (part: AccountChange, name: string) => void {
  const update = useAccountUpdate();
  const run = useUndoable();
  return useCallback(
    (part, name) => {
      const back = reversedAccount(account, part);
      run(
        name,
        () => update(account.address, part),
        () => update(account.address, back),
      );
    },
    [account, update, run],
  );
}
