import { expect, test } from "vitest";

import type { EventView } from "../../ipc/contract";
import { NO_LOADS, afterEvent, roughly, share } from "./progress";

const address = "a@example.com";
const step = (messages: number, folder = "INBOX"): EventView => ({
  event: "sync_progressed",
  address,
  folder,
  messages,
  messages_total: 1000,
  bytes: messages * 10,
  bytes_total: 10_000,
});

test("load_tells_the_time_left_once_its_pace_is_known", () => {
  let loads = afterEvent(NO_LOADS, step(100), 0);
  expect(loads.get(address)?.left).toBeNull();
  loads = afterEvent(loads, step(200), 1_000);
  expect(loads.get(address)?.left).toBeNull();
  loads = afterEvent(loads, step(500), 4_000);
  expect(loads.get(address)?.left).toBe(5_000);
});

test("load_of_the_next_folder_starts_its_own_reckoning", () => {
  const loads = afterEvent(afterEvent(NO_LOADS, step(500), 0), step(10, "Sent"), 9_000);
  expect(loads.get(address)?.since).toEqual({ at: 9_000, messages: 10 });
  expect(loads.get(address)?.left).toBeNull();
});

test.each<EventView>([
  { event: "sync_ended", address, error: null },
  { event: "watch_rested", address, by: "push" },
])("load_ends_with %j", (event) => {
  expect(afterEvent(afterEvent(NO_LOADS, step(1), 0), event, 1).size).toBe(0);
});

test("loads_stay_the_same_object_when_nothing_changed", () => {
  expect(afterEvent(NO_LOADS, { event: "sync_ended", address, error: null }, 0)).toBe(NO_LOADS);
});

test.each([
  [0, 0, 0],
  [5, 10, 0.5],
  [12, 10, 1],
])("share_of %d _of %d _is %d", (messages, messagesTotal, expected) => {
  expect(share({ messages, messagesTotal })).toBe(expected);
});

test.each([
  [200, "second", 1],
  [9_100, "second", 10],
  [11_000, "second", 20],
  [59_000, "second", 60],
  [61_000, "minute", 2],
  [3_500_000, "minute", 59],
  [3_700_000, "hour", 2],
])("time_left %d _is_roughly %s %d", (left, unit, count) => {
  expect(roughly(left)).toEqual({ unit, count });
});
