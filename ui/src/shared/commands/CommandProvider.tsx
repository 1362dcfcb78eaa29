import { createContext, useCallback, useContext, useEffect, useMemo, useState } from "react";
import type { ReactNode } from "react";
import { useIntl } from "react-intl";

import { useSettings } from "../settings/useSettings";
import { isEnabled } from "./command";
import type { Command } from "./command";
import { isPressed, isTextField, onMac, placeOf, worksAt } from "./keys";
import { Palette } from "./Palette";
import { Registry } from "./registry";
import { ShortcutSheet } from "./ShortcutSheet";

interface Commanding {
  registry: Registry;
  press: (event: KeyboardEvent) => void;
  open: (what: "palette" | "shortcuts") => void;
}

const CommandContext = createContext<Commanding | null>(null);

function useCommanding(): Commanding {
  const commanding = useContext(CommandContext);
  if (commanding === null) {
    throw new Error("commands need a CommandProvider around them");
  }
  return commanding;
}

/** Makes these commands available while the calling part is on the screen. What they do is that of the last drawing. */
export function useCommands(commands: readonly Command[]): void {
  const { registry } = useCommanding();
  const [part] = useState(() => Symbol("part"));
  useEffect(() => registry.put(part, commands), [registry, part, commands]);
  useEffect(() => () => registry.remove(part), [registry, part]);
}

/** Acts on a key press that the window itself does not hear: one inside the frame of a message. */
export function useKeyPress(): (event: KeyboardEvent) => void {
  return useCommanding().press;
}

/** Opens the palette or the sheet of shortcuts. */
export function useCommandSheets(): (what: "palette" | "shortcuts") => void {
  return useCommanding().open;
}

/** Knows every command of the screens inside it, listens to their keys and shows them in a palette and a sheet. */
export function CommandProvider({ children }: { children: ReactNode }) {
  const intl = useIntl();
  const [registry] = useState(() => new Registry());
  const [sheet, setSheet] = useState<"palette" | "shortcuts" | null>(null);
  const { single_keys: singleKeys } = useSettings().settings;

  const press = useCallback(
    (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) {
        return;
      }
      // An event of a message's frame has its target there; the frame itself is no field.
      const focus = document.activeElement;
      const place = placeOf(focus);
      const command = registry
        .all()
        .find(
          (known) =>
            isEnabled(known) &&
            (place !== "dialog" || known.inDialog === true) &&
            known.keys?.some(
              (keys) =>
                isPressed(keys, event, onMac) &&
                worksAt(keys, place, singleKeys) &&
                (place !== "dialog" || worksAt(keys, isTextField(focus) ? "text" : "page", singleKeys)),
            ) === true,
        );
      if (command !== undefined) {
        event.preventDefault();
        command.run();
      }
    },
    [registry, singleKeys],
  );
  useEffect(() => {
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [press]);

  const value = useMemo(() => ({ registry, press, open: setSheet }), [registry, press]);
  const close = useCallback(() => setSheet(null), []);
  return (
    <CommandContext value={value}>
      <OwnCommands
        palette={intl.formatMessage({ id: "commands.palette" })}
        shortcuts={intl.formatMessage({ id: "commands.shortcuts" })}
        onOpen={setSheet}
      />
      {children}
      {sheet === "palette" && <Palette registry={registry} onClose={close} />}
      {sheet === "shortcuts" && <ShortcutSheet registry={registry} onClose={close} />}
    </CommandContext>
  );
}

interface OwnProps {
  palette: string;
  shortcuts: string;
  onOpen: (what: "palette" | "shortcuts") => void;
}

function OwnCommands({ palette, shortcuts, onOpen }: OwnProps) {
  useCommands(
    useMemo(
      () => [
        {
          id: "commands.palette",
          title: palette,
          group: "help",
          keys: ["Mod+K", "Mod+Shift+P"],
          isKeyOnly: true,
          run: () => onOpen("palette"),
        },
        {
          id: "commands.shortcuts",
          title: shortcuts,
          group: "help",
          keys: ["?", "Mod+/"],
          run: () => onOpen("shortcuts"),
        },
      ],
      [palette, shortcuts, onOpen],
    ),
  );
  return null;
}
