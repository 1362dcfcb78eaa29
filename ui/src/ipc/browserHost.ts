import type { DeskEvent, Host, Notice } from "./host";

/**
 * A plain browser around the page: it has a badge and notifications, as far as the person allowed them, and nothing
 * else of the desktop.
 */
export function browserHost(): Host {
  let hear: ((event: DeskEvent) => void | Promise<void>) | null = null;
  const shown = new Map<string, Notification>();

  const show = ({ tag, title, body, message, account }: Notice) => {
    const notification = new Notification(title, { body, tag });
    shown.set(tag, notification);
    notification.addEventListener("close", () => {
      if (shown.get(tag) === notification) {
        shown.delete(tag);
      }
    });
    notification.addEventListener("click", () => {
      window.focus();
      notification.close();
      if (message !== undefined) {
        void hear?.({ kind: "open_message", id: message, account: account ?? null });
      } else if (account !== undefined) {
        void hear?.({ kind: "open_inbox", account });
      }
    });
  };

  return {
    can: {
      tray: false,
      notify: "Notification" in globalThis,
      autostart: false,
      messageWindow: false,
      openAttachment: false,
      exportMail: false,
      importMail: false,
      crashReports: false,
      zoom: false,
    },
    setDesk: async ({ unread }) => {
      // Missing in Firefox, refused in a page that is not installed.
      await navigator.setAppBadge?.(unread).catch(() => undefined);
      return { trayShown: false };
    },
    notify: async (notice) => {
      if ("Notification" in globalThis && (await mayNotify())) {
        show(notice);
      }
    },
    withdraw: (tag) => {
      shown.get(tag)?.close();
      return Promise.resolve();
    },
    autostart: () => Promise.resolve({ enabled: false, changeable: false }),
    setAutostart: () => Promise.resolve({ enabled: false, changeable: false }),
    openMessageWindow: () => Promise.resolve(),
    openAttachment: () => Promise.resolve("failed"),
    exportMail: () => Promise.reject(new Error("a browser names no files")),
    importMail: () => Promise.reject(new Error("a browser names no files")),
    crashReports: () => Promise.resolve([]),
    dismissCrashReport: () => Promise.resolve(),
    reportPageFailure: () => Promise.resolve(),
    setZoom: () => Promise.resolve(),
    listen(handler) {
      hear = handler;
      return () => {
        if (hear === handler) {
          hear = null;
        }
      };
    },
  };
}

async function mayNotify(): Promise<boolean> {
  const permission =
    Notification.permission === "default" ? await Notification.requestPermission() : Notification.permission;
  return permission === "granted";
}
