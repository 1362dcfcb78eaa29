import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, beforeEach, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { browserHost } from "../../ipc/browserHost";
import { createQueryClient } from "../../ipc/client";
import { DoorProvider } from "../../ipc/context";
import type { EventView } from "../../ipc/contract";
import type { CommandName, Door, PayloadOf } from "../../ipc/door";
import type { Host } from "../../ipc/host";
import { HostProvider } from "../../ipc/hostContext";
import { useEventInvalidation } from "../../ipc/query";
import { CommandProvider } from "../../shared/commands/CommandProvider";
import { NoticeProvider } from "../../shared/notices/NoticeProvider";
import { GoProvider } from "../../shared/place";
import type { Destination } from "../../shared/place";
import { DEFAULTS } from "../../shared/settings/settings";
import { ComposeProvider } from "../compose";
import { MailView } from "./MailView";
import { makeAccount, makeFolder, makeMessage, makeRow } from "./samples.test-data";

export const account = makeAccount({ received_at: 1 });
const folders = [
  makeFolder({ id: 1, path: "INBOX", role: "inbox", unread: 2, synced_at: 1 }),
  makeFolder({ id: 2, path: "Archive", role: "archive", synced_at: 1 }),
  makeFolder({ id: 3, path: "Trash", role: "trash", synced_at: 1 }),
];
export const first = makeRow({ id: 1, subject: "First", from_name: "Ewa" });
export const second = makeRow({ id: 2, subject: "Second", from_name: "Jan" });

/** A core that answers from `replies` and remembers what it was asked. */
export class ScriptedDoor implements Door {
  readonly calls: [CommandName, unknown][] = [];
  readonly opened: string[] = [];
  readonly #handlers = new Set<(event: EventView) => void>();
  replies: Partial<Record<CommandName, (payload: never) => unknown>> = {
    folder_list: () => folders,
    message_list: () => ({ messages: [first, second], cursor: null }),
    message_search: () => ({ messages: [second], complete: false }),
    message_show: ({ id }: { id: number }) =>
      makeMessage({ row: id === 1 ? first : second, subject: id === 1 ? "First" : "Second", text: "Hello" }),
    operation_list: () => [],
    outbox_list: () => [],
    settings_get: () => ({ ...DEFAULTS, threads: false }),
    message_mark: () => ({ undo: null }),
    message_move: () => new Promise(() => {}),
    message_delete: () => ({ undo: null }),
    status_get: () => ({ accounts: [], store_bytes: 0, store_unsound: false, store_restored: null }),
  };

  async call<K extends CommandName>(name: K, payload: PayloadOf<K>): Promise<never> {
    this.calls.push([name, payload]);
    const reply = this.replies[name];
    if (reply === undefined) {
      throw new Error(`nobody expected ${name}`);
    }
    return (await reply(payload as never)) as never;
  }

  listen(handler: (event: EventView) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  tell(event: EventView): void {
    this.#handlers.forEach((handler) => handler(event));
  }

  async openExternal(url: string): Promise<void> {
    this.opened.push(url);
  }

  async saveDownload(id: number, part: string | undefined, filename: string) {
    return { path: `/downloads/${id}-${part}-${filename}`, bytes: 1 };
  }

  asked(name: CommandName): unknown[] {
    return this.calls.filter(([called]) => called === name).map(([, payload]) => payload);
  }
}

/** A part of the window with everything that it stands in. */
export function mount(
  door: Door,
  part: ReactNode,
  host: Host = browserHost(),
  go: (to: Destination) => void = () => {},
) {
  render(
    <DoorProvider door={door}>
      <HostProvider host={host}>
        <QueryClientProvider client={createQueryClient()}>
          <Translations locale="en">
            <CommandProvider>
              <NoticeProvider>
                <ComposeProvider>
                  <GoProvider go={go}>
                    <Invalidation />
                    {part}
                  </GoProvider>
                </ComposeProvider>
              </NoticeProvider>
            </CommandProvider>
          </Translations>
        </QueryClientProvider>
      </HostProvider>
    </DoorProvider>,
  );
}

/** The mail view with everything that it stands in. */
export function open(
  door: ScriptedDoor,
  accounts = [account],
  host: Host = browserHost(),
  go: (to: Destination) => void = () => {},
) {
  mount(door, <MailView accounts={accounts} startAt={null} onAddAccount={() => {}} />, host, go);
}

function Invalidation() {
  useEventInvalidation();
  return null;
}

/** A key where the focus is. */
export const press = (key: string, held: { ctrlKey?: boolean; shiftKey?: boolean } = {}) =>
  fireEvent.keyDown(document.activeElement ?? document.body, { key, ...held });
export const subjects = () => screen.queryAllByRole("option").map((row) => row.textContent);

/** What a browser has and the test's page has not. */
export function usePage() {
  beforeEach(() => {
    // A list draws what is in sight, and here nothing has a size.
    vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(400);
    vi.stubGlobal("matchMedia", () => ({ addEventListener() {}, removeEventListener() {} }));
    vi.stubGlobal(
      "ResizeObserver",
      class {
        observe() {}
        unobserve() {}
        disconnect() {}
      },
    );
    vi.stubGlobal("CSS", { escape: (text: string) => text });
    HTMLElement.prototype.scrollTo = () => {};
  });

  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}
