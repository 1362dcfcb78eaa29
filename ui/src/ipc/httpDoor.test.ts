import { describe, expect, test } from "vitest";

import type { EventView } from "./contract";
import { CallError } from "./door";
import { openHttpDoor } from "./httpDoor";
import type { Browser } from "./httpDoor";

interface Asked {
  path: string;
  authorization: string | null;
  body: unknown;
}

const refusal = { code: "door_refused", fixer: "you", params: { reason: "session" }, detail: "" };
const answer = (status: number, value: unknown) => new Response(JSON.stringify(value), { status });

/** A door that knows the token "t" for the session "s", and tells `events` byte by byte. */
function browserAt(hash: string, { stored, events = "" }: { stored?: string; events?: string } = {}) {
  const asked: Asked[] = [];
  const kept = new Map(stored === undefined ? [] : [["mailroom.session", stored]]);
  const seen = { forgotten: 0 };
  const browser: Browser = {
    fetch: (path, init) => {
      const headers = new Headers(init?.headers);
      const body: unknown = typeof init?.body === "string" ? JSON.parse(init.body) : null;
      asked.push({ path: String(path), authorization: headers.get("authorization"), body });
      if (path === "/session") {
        const isRight = (body as { token: string }).token === "t";
        return Promise.resolve(isRight ? answer(200, { session: "s" }) : answer(401, refusal));
      }
      if (headers.get("authorization") !== "Bearer s") {
        return Promise.resolve(answer(401, refusal));
      }
      if (path === "/events") {
        const bytes = new TextEncoder().encode(events);
        const stream = new ReadableStream<Uint8Array>({
          start(controller) {
            for (const byte of bytes) {
              controller.enqueue(Uint8Array.of(byte));
            }
          },
        });
        return Promise.resolve(new Response(stream));
      }
      return path === "/call/account_list"
        ? Promise.resolve(answer(200, []))
        : Promise.reject(new TypeError("network"));
    },
    storage: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    },
    location: { hash },
    forgetHash: () => {
      seen.forgotten += 1;
    },
  };
  return { browser, asked, kept, seen };
}

describe("openHttpDoor", () => {
  test("exchanges the link's token, forgets it and keeps the session in the tab", async () => {
    const { browser, asked, kept, seen } = browserAt("#token=t");
    const door = await openHttpDoor(browser);
    expect(await door?.call("account_list", {})).toEqual([]);
    expect(asked).toEqual([
      { path: "/session", authorization: null, body: { token: "t" } },
      { path: "/call/account_list", authorization: "Bearer s", body: {} },
    ]);
    expect([kept.get("mailroom.session"), seen.forgotten]).toEqual(["s", 1]);
  });

  test("finds the session of this tab again, also behind a link that was used", async () => {
    for (const hash of ["", "#token=used"]) {
      // oxlint-disable-next-line no-await-in-loop -- a table
      const door = await openHttpDoor(browserAt(hash, { stored: "s" }).browser);
      expect(door).not.toBeNull();
    }
  });

  test("opens nothing without a token or a session", async () => {
    expect(await openHttpDoor(browserAt("").browser)).toBeNull();
    expect(await openHttpDoor(browserAt("#token=wrong").browser)).toBeNull();
  });

  test("forgets a session that the door does not know", async () => {
    const { browser, kept } = browserAt("", { stored: "old" });
    const door = await openHttpDoor(browser);
    await expect(door?.call("account_list", {})).rejects.toMatchObject({ wire: { code: "door_refused" } });
    expect(kept.size).toBe(0);
  });

  test("says that the door is closed when nobody answers", async () => {
    const door = await openHttpDoor(browserAt("", { stored: "s" }).browser);
    await expect(door?.call("status_get", {})).rejects.toBeInstanceOf(CallError);
  });

  test("tells events however the stream is cut, and listens before it calls", async () => {
    const first = { event: "account_changed", address: "zażółć@example.com" } satisfies EventView;
    const second = { event: "sync_started", address: "b@example.com" } satisfies EventView;
    const events = `: open\n\ndata: ${JSON.stringify(first)}\n\n:\n\ndata:${JSON.stringify(second)}\r\n\r\ndata: {`;
    const { browser, asked } = browserAt("", { stored: "s", events });
    const door = await openHttpDoor(browser);
    const heard: EventView[] = [];
    let end: (() => void) | undefined;
    const both = new Promise<void>((resolve) => {
      end = door?.listen((event) => {
        heard.push(event);
        if (heard.length === 2) {
          resolve();
        }
      });
    });
    await door?.call("account_list", {});
    expect(asked.map(({ path }) => path)).toEqual(["/events", "/call/account_list"]);
    await both;
    expect(heard).toEqual([first, second]);
    end?.();
  });
});
