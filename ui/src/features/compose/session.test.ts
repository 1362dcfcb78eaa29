import { createIntl } from "react-intl";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { MESSAGES } from "../../i18n/messages";
import type { DraftOpen, DraftView } from "../../ipc/contract";
import { contentOf } from "./open";
import { DraftSession } from "./session";
import { ComposeDoor } from "./testing/composeDoor";

const intl = createIntl({ locale: "en", messages: MESSAGES.en });

async function begin(door: ComposeDoor, from: DraftOpen = { kind: "new" }): Promise<DraftSession> {
  const view: DraftView = await door.call("draft_open", from);
  const call = door.call.bind(door) as ConstructorParameters<typeof DraftSession>[0];
  return new DraftSession(call, from, view, contentOf(intl, view, false));
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
});
afterEach(() => {
  vi.useRealTimers();
});

test("picture_that_arrives_when_the_editor_is_gone_stands_in_the_text", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  session.change({ body: { mode: "rich", html: '<p><img src="cid:pending-1"></p>' } });
  const address = await session.attachPicture(
    new File(["x"], "a.png", { type: "image/png" }),
    "cid:pending-1",
  );
  expect(address).toMatch(/^cid:file/);
  expect(session.state().content.body).toEqual({ mode: "rich", html: `<p><img src="${address}"></p>` });
  await session.keep(false);
  expect(door.asked("draft_save").at(-1)?.html).toContain(`src="${address}"`);
});

test("picture_that_was_taken_out_of_the_text_is_not_sent", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  await session.attachPicture(new File(["x"], "a.png", { type: "image/png" }), "cid:pending-1");
  session.change({ to: ["a@x.pl"] });
  await session.send(undefined);
  expect(door.asked("draft_detach")).toHaveLength(1);
  expect(door.asked("draft_send")).toEqual([{ id: session.id }]);
});

test("text_typed_while_a_save_runs_is_kept_by_the_next_one", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  session.change({ subject: "One" });
  const first = session.keep(false);
  session.change({ subject: "Two" });
  await first;
  expect(await session.keep(false)).toBe(true);
  expect(door.asked("draft_save").map(({ subject }) => subject)).toEqual(["One", "Two"]);
});

test("every_text_has_a_higher_number_than_the_one_before", async () => {
  const door = new ComposeDoor();
  door.given = { revision: 7 };
  const session = await begin(door);
  session.change({ subject: "One" });
  await session.keep(false);
  session.change({ subject: "Two" });
  await session.keep(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(door.asked("draft_save").map(({ upload, revision }) => [upload, revision])).toEqual([
    [false, 8],
    [false, 9],
    [true, 9],
  ]);
});

test("text_that_somebody_else_was_ahead_of_is_kept_all_the_same", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  const draft = door.drafts.get(session.id);
  Object.assign(draft ?? {}, { revision: 20, subject: "Theirs" });
  session.change({ subject: "Mine" });
  expect(await session.keep(false)).toBe(true);
  expect(door.asked("draft_save").map(({ revision }) => revision)).toEqual([1, 21]);
  expect(draft?.subject).toBe("Mine");
});

test("keeping_that_fails_says_so_and_nothing_is_sent", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  door.failing = { draft_save: "disk_full" };
  session.change({ to: ["a@x.pl"] });
  expect(await session.keep(true)).toBe(false);
  await expect(session.send(undefined)).rejects.toThrow("could not be kept");
  expect(door.asked("draft_send")).toEqual([]);
  expect(session.state().saving.error?.code).toBe("disk_full");
});

test("upload_that_takes_long_does_not_hold_up_keeping", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  let finish: (() => void) | undefined;
  const answer = door.call.bind(door);
  door.call = async (name, payload) => {
    if (name === "draft_save" && (payload as { upload: boolean }).upload) {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
    }
    return answer(name, payload);
  };
  session.change({ subject: "One" });
  expect(await session.keep(true)).toBe(true);
  session.change({ subject: "Two" });
  expect(await session.keep(false)).toBe(true);
  expect(session.state().saving.uploadedAt).toBeNull();
  finish?.();
});

test("nothing_is_saved_after_the_draft_was_discarded", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  session.change({ subject: "One" });
  await session.discard();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(door.asked("draft_save")).toEqual([]);
});

test("draft_that_could_not_be_discarded_is_still_saved", async () => {
  const door = new ComposeDoor();
  const session = await begin(door);
  session.change({ subject: "One" });
  door.failing = { draft_discard: "store_busy" };
  await expect(session.discard()).rejects.toThrow("store_busy");
  expect(await session.keep(false)).toBe(true);
});
