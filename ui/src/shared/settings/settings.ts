import type { SettingsUpdate, SettingsView } from "../../ipc/contract";

/** What holds until the core has told the program's settings. */
export const DEFAULTS: SettingsView = {
  language: "system",
  theme: "system",
  density: "comfortable",
  threads: true,
  close_to_tray: false,
  notify: "inbox",
  notify_content: true,
  single_keys: true,
  read_after_s: 0,
  undo_send_s: 10,
  attachment_reminder: true,
  plain_text: false,
  updates: true,
  updates_changeable: false,
  certificate_exceptions: false,
};

/** The settings with a change in them. A negative `read_after_s` means only by hand. */
export function changed(settings: SettingsView, part: SettingsUpdate): SettingsView {
  const { read_after_s: after, ...rest } = part;
  return {
    ...settings,
    ...rest,
    ...(after === undefined ? {} : { read_after_s: after < 0 ? null : after }),
  };
}

/** The change that takes `part` back, so that the settings are `before` again. */
export function reversed(before: SettingsView, part: SettingsUpdate): SettingsUpdate {
  const { read_after_s: after, updates_changeable: _, certificate_exceptions: __, ...rest } = before;
  const all: SettingsUpdate = { ...rest, read_after_s: after ?? -1 };
  const names = Object.keys(part) as (keyof SettingsUpdate)[];
  return Object.fromEntries(names.map((name) => [name, all[name]]));
}
