import type { EventView, WireError } from "./contract";
import { CallError } from "./door";
import type { Door } from "./door";
import { readEvents } from "./eventStream";

/** Where the session lives: in this tab, until it is closed. */
const SESSION = "mailroom.session";

/** What the door needs of the browser; tests bring their own. */
export interface Browser {
  fetch: typeof fetch;
  storage: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** The address of the page. */
  location: Pick<Location, "hash">;
  /** Takes the token out of the address bar and the history. */
  forgetHash: () => void;
}

/**
 * The way to the core from a browser: `mailroom serve`. The link's token is exchanged for a session once; later loads of
 * the page in the same tab find the session. `null` when there is neither.
 */
export async function openHttpDoor(browser: Browser): Promise<Door | null> {
  const token = new URLSearchParams(browser.location.hash.slice(1)).get("token");
  if (token !== null) {
    browser.forgetHash();
    const session = await exchange(browser, token);
    if (session !== null) {
      browser.storage.setItem(SESSION, session);
    }
  }
  const session = browser.storage.getItem(SESSION);
  return session === null ? null : httpDoor(browser, session);
}

async function exchange({ fetch }: Browser, token: string): Promise<string | null> {
  const answer = await fetch("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  return answer.ok ? ((await answer.json()) as { session: string }).session : null;
}

function httpDoor({ fetch, storage }: Browser, session: string): Door {
  const authorization = `Bearer ${session}`;
  const handlers = new Set<(event: EventView) => void>();
  let stream: Promise<void> | null = null;

  /** Opens the one stream of events, and waits until it tells what happens from then on. */
  const opened = () => {
    stream ??= (async () => {
      const answer = await fetch("/events", { headers: { authorization } });
      if (!answer.ok || answer.body === null) {
        throw refused();
      }
      // The stream ends with the program; from then on every call says so.
      void readEvents(answer.body, (event) => {
        for (const handler of handlers) {
          handler(event);
        }
      }).catch(() => undefined);
    })();
    return stream;
  };

  const call: Door["call"] = async (name, payload) => {
    // What a call brings about must not be told before anybody listens.
    if (handlers.size > 0) {
      await opened().catch(() => undefined);
    }
    let answer: Response;
    try {
      answer = await fetch(`/call/${name}`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(payload),
      });
    } catch {
      // The program has ended, and its sessions with it.
      throw refused();
    }
    if (answer.ok) {
      return await answer.json();
    }
    if (answer.status === 401) {
      storage.removeItem(SESSION);
    }
    throw new CallError((await answer.json()) as WireError);
  };

  return {
    call,
    listen(handler) {
      handlers.add(handler);
      void opened().catch(() => undefined);
      return () => {
        handlers.delete(handler);
      };
    },
    async openExternal(url) {
      if (/^https?:\/\//i.test(url)) {
        window.open(url, "_blank", "noopener,noreferrer");
      }
    },
    async saveDownload(id, part, filename) {
      const { base64, bytes } = await call("message_export", part === undefined ? { id } : { id, part });
      const content = Uint8Array.from(atob(base64 ?? ""), (letter) => letter.codePointAt(0) ?? 0);
      const url = URL.createObjectURL(new Blob([content]));
      const link = document.createElement("a");
      link.href = url;
      link.download = filename;
      link.click();
      URL.revokeObjectURL(url);
      return { path: filename, bytes };
    },
  };
}

function refused(): CallError {
  return new CallError({
    code: "door_refused",
    fixer: "you",
    params: { reason: "session" },
    detail: "the door is closed",
  });
}
