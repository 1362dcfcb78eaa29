import { useIntl } from "react-intl";

import type { MessageKey } from "../../i18n/messages";
import type { SettingsUpdate } from "../../ipc/contract";
import type { Command } from "../../shared/commands/command";
import { useCommands } from "../../shared/commands/CommandProvider";
import type { Destination, SettingsPage } from "../../shared/place";
import { useSettings } from "../../shared/settings/useSettings";
import { LANGUAGES } from "./languages";
import { useChange } from "./useChange";

const PAGES: readonly [Exclude<SettingsPage, "account">, MessageKey][] = [
  ["general", "settings.general"],
  ["notifications", "settings.notifications"],
  ["services", "settings.services"],
  ["storage", "settings.storage"],
  ["about", "settings.about"],
];

const LOOKS: readonly [MessageKey, MessageKey, SettingsUpdate][] = [
  ["settings.theme", "settings.asSystem", { theme: "system" }],
  ["settings.theme", "settings.theme.light", { theme: "light" }],
  ["settings.theme", "settings.theme.dark", { theme: "dark" }],
  ["settings.density", "settings.density.comfortable", { density: "comfortable" }],
  ["settings.density", "settings.density.compact", { density: "compact" }],
  ["settings.language", "settings.asSystem", { language: "system" }],
];

/** The settings' own commands: every page, and how the program looks. */
export function useSettingsCommands(go: (place: Destination) => void): void {
  const intl = useIntl();
  const { settings } = useSettings();
  const change = useChange();
  const named = (setting: MessageKey, choice: string) =>
    intl.formatMessage({ id: "settings.command" }, { setting: intl.formatMessage({ id: setting }), choice });
  const holds = (part: SettingsUpdate) =>
    Object.entries(part).every(([name, value]) =>
      Object.entries(settings).some(([k, v]) => k === name && v === value),
    );
  const choose = (setting: MessageKey, choice: string, part: SettingsUpdate): Command => ({
    id: `settings.set.${Object.entries(part).join()}`,
    title: named(setting, choice),
    group: "settings",
    enabled: !holds(part),
    run: () => change(part, setting),
  });

  useCommands([
    ...PAGES.map(([page, title]): Command => ({
      id: `settings.${page}`,
      title: named("settings.title", intl.formatMessage({ id: title })),
      group: "settings",
      keys: page === "general" ? ["Mod+,"] : [],
      run: () => go({ kind: "settings", page }),
    })),
    ...LOOKS.map(([setting, choice, part]) => choose(setting, intl.formatMessage({ id: choice }), part)),
    ...LANGUAGES.map(([language, own]) => choose("settings.language", own, { language })),
  ]);
}
