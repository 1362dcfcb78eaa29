import { listen } from "@tauri-apps/api/event";

import type { MailExported, MailImported } from "./contract";
import type { AttachmentOutcome, Autostart, CrashReport, DeskEvent, DeskState, Host } from "./host";
import { ownFrames } from "./stackFrames";
import { ask } from "./tauriDoor";

/** The one channel on which the shell tells what the person asks for outside of the page. */
const DESK = "mailroom://desk";

/** How large everything in the window is. Windows of messages begin as large. */
let zoom = 1;

/** The desktop window. */
export const tauriHost: Host = {
  can: {
    tray: true,
    notify: true,
    autostart: true,
    messageWindow: true,
    openAttachment: true,
    exportMail: true,
    importMail: true,
    crashReports: true,
    zoom: true,
  },
  setDesk: (desk) => ask<DeskState>("set_desk", { desk }),
  notify: (notice) => ask("notify", { notice }),
  withdraw: (tag) => ask("withdraw_notice", { tag }),
  autostart: () => ask<Autostart>("autostart"),
  setAutostart: (enabled) => ask<Autostart>("set_autostart", { enabled }),
  openMessageWindow: (message) =>
    ask("open_message_window", { message: { scheme: schemeOfPage(), zoom, ...message } }),
  openAttachment: (attachment) => ask<AttachmentOutcome>("open_attachment", { attachment }),
  exportMail: (wish) => ask<MailExported>("export_mail", { wish }),
  importMail: (wish) => ask<MailImported>("import_mail", { wish }),
  crashReports: () => ask<CrashReport[]>("crash_reports"),
  dismissCrashReport: (id) => ask("dismiss_crash_report", { id }),
  reportPageFailure: ({ name, stack }) =>
    ask("report_page_failure", { name, frames: ownFrames(stack).split("\n") }),
  async setZoom(factor) {
    // Loaded when it is needed: most windows stay at the usual size.
    const { getCurrentWebview } = await import("@tauri-apps/api/webview");
    await getCurrentWebview().setZoom(factor);
    zoom = factor;
  },
  listen(handler) {
    let wanted = true;
    let end: (() => void) | undefined;
    const hear = async (event: DeskEvent) => {
      if (!wanted) {
        return;
      }
      try {
        await handler(event);
      } finally {
        if (event.kind === "closing") {
          await ask("end");
        }
      }
    };
    void (async () => {
      const ending = await listen<DeskEvent>(DESK, ({ payload }) => void hear(payload));
      if (!wanted) {
        ending();
        return;
      }
      end = ending;
      // From this answer on the shell sends; before it, it kept.
      for (const event of await ask<DeskEvent[]>("take_desk_events")) {
        void hear(event);
      }
    })();
    return () => {
      wanted = false;
      end?.();
    };
  },
};

/** The colours that the page has now; the window of a message looks like it. */
function schemeOfPage(): "light" | "dark" | undefined {
  const { theme } = document.documentElement.dataset;
  return theme === "light" || theme === "dark" ? theme : undefined;
}
