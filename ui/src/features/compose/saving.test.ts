import { describe, expect, test } from "vitest";

import type { WireError } from "../../ipc/contract";
import { nextSaving, retryPause, savedState, savingStep } from "./saving";
import type { SavingEvent, SavingState } from "./saving";

const error: WireError = { code: "disk_full", fixer: "you", params: {}, detail: "" };
const after = (...events: SavingEvent[]): SavingState => events.reduce(nextSaving, savedState(0, 500));
const typed = (at: number): SavingEvent => ({ event: "typed", at });
const keep: SavingEvent = { event: "started", lane: "keep" };
const upload: SavingEvent = { event: "started", lane: "upload" };
const kept: SavingEvent = { event: "kept", at: 2000 };

describe("step", () => {
  test.each<[string, SavingState, number, unknown]>([
    ["draft_untouched", after(), 1000, { step: "rest" }],
    ["typing", after(typed(1000)), 1100, { step: "wait", until: 1800 }],
    ["typing_rested", after(typed(1000)), 1800, { step: "keep" }],
    ["typing_without_pause", after(typed(1000), typed(4900)), 4950, { step: "wait", until: 5000 }],
    ["typing_without_pause_long", after(typed(1000), typed(4900)), 5000, { step: "keep" }],
    ["field_left", after(typed(1000), { event: "wanted", upload: false }), 1001, { step: "keep" }],
    ["keeping", after(typed(1000), keep), 9000, { step: "rest" }],
    ["typed_while_keeping", after(typed(1000), keep, typed(1500)), 9000, { step: "rest" }],
    ["typed_while_keeping_then_kept", after(typed(1000), keep, typed(1500), kept), 2300, { step: "keep" }],
    ["kept", after(typed(1000), keep, kept), 3000, { step: "wait", until: 21_000 }],
    ["kept_and_rested", after(typed(1000), keep, kept), 21_000, { step: "upload" }],
    ["closed", after(typed(1000), { event: "wanted", upload: true }, keep, kept), 2001, { step: "upload" }],
    ["uploading", after(typed(1000), keep, kept, upload), 90_000, { step: "rest" }],
    [
      "typed_while_uploading",
      after(typed(1000), keep, kept, upload, typed(30_000)),
      30_800,
      { step: "keep" },
    ],
    [
      "typed_while_uploading_and_kept",
      after(typed(1000), keep, kept, upload, typed(30_000), keep, kept),
      60_000,
      { step: "rest" },
    ],
    [
      "offline",
      after(typed(1000), keep, kept, upload, { event: "uploaded", uploadedAt: null }),
      99_000,
      { step: "rest" },
    ],
    [
      "keep_failed",
      after(typed(1000), keep, { event: "keep_failed", at: 2000, error }),
      2500,
      { step: "wait", until: 4000 },
    ],
    [
      "keep_failed_and_tried_again_by_hand",
      after(typed(1000), keep, { event: "keep_failed", at: 2000, error }, { event: "wanted", upload: false }),
      2500,
      { step: "keep" },
    ],
  ])("%s", (_, state, now, step) => {
    expect(savingStep(state, now)).toEqual(step);
  });
});

test("change_makes_the_copy_in_drafts_old", () => {
  expect(after().uploadedAt).toBe(500);
  expect(after(typed(1)).uploadedAt).toBeNull();
});

test("upload_of_an_older_state_does_not_count_for_the_newer_one", () => {
  const told: SavingEvent = { event: "uploaded", uploadedAt: 700 };
  expect(after(typed(1), keep, kept, upload, told).uploadedAt).toBe(700);
  expect(after(typed(1), keep, kept, upload, typed(2), told).uploadedAt).toBeNull();
});

test("failure_is_shown_until_a_save_succeeds", () => {
  const failed = after(typed(1), keep, { event: "keep_failed", at: 2, error });
  expect(failed.error).toEqual(error);
  expect(nextSaving(nextSaving(failed, keep), kept).error).toBeNull();
});

test.each([
  [1, 2000],
  [2, 4000],
  [5, 32_000],
  [6, 60_000],
  [40, 60_000],
])("pause_after %d failures_is %d ms", (failures, pause) => {
  expect(retryPause(failures)).toBe(pause);
});
