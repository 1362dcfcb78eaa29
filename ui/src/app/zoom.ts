import { useEffect, useRef, useState } from "react";
import { useIntl } from "react-intl";

import type { MessageKey } from "../i18n/messages";
import { useHost } from "../ipc/hostContext";
import type { Command } from "../shared/commands/command";
import { useCommands } from "../shared/commands/CommandProvider";

/** The sizes of the page, in percent: those that browsers have. */
const SIZES: readonly number[] = [50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300];
const USUAL = 100;

/** Remembered beside the page: it belongs to this screen and these eyes, not to the mail. */
const REMEMBERED = "zoom";

/** The size that was remembered; the usual one when none was. */
export function readZoom(text: string | null): number {
  return SIZES.find((size) => String(size) === text) ?? USUAL;
}

/** The next size in a direction; the same at the end. */
export function zoomedBy(size: number, step: 1 | -1): number {
  return SIZES[SIZES.indexOf(size) + step] ?? size;
}

function remembered(): number {
  try {
    return readZoom(localStorage.getItem(REMEMBERED));
  } catch {
    return USUAL;
  }
}

function remember(size: number): void {
  try {
    localStorage.setItem(REMEMBERED, String(size));
  } catch {
    // Where nothing can be remembered it holds until the window closes.
  }
}

/** The keys that make the whole page larger and smaller, where the window has none of its own as a browser has. */
export function useZoom(): void {
  const intl = useIntl();
  const host = useHost();
  const [size, setSize] = useState(remembered);
  // A window begins at the usual size.
  const shown = useRef(USUAL);
  useEffect(() => {
    if (host.can.zoom && size !== shown.current) {
      shown.current = size;
      remember(size);
      // A window that cannot be zoomed stays readable.
      host.setZoom(size / 100).catch(() => {});
    }
  }, [host, size]);
  const command = (title: MessageKey, keys: readonly string[], to: number): Command => ({
    id: title,
    title: intl.formatMessage({ id: title }),
    group: "view",
    keys,
    enabled: to !== size,
    inDialog: true,
    run: () => setSize(to),
  });
  useCommands(
    host.can.zoom
      ? [
          command("view.zoomIn", ["Mod++", "Mod+="], zoomedBy(size, 1)),
          command("view.zoomOut", ["Mod+-"], zoomedBy(size, -1)),
          command("view.zoomReset", ["Mod+0"], USUAL),
        ]
      : [],
  );
}
