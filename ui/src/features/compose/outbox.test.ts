import { createIntl } from "react-intl";
import { describe, expect, test } from "vitest";

import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import type { OutboxView } from "../../ipc/contract";
import { deedsOf, outboxCounts, stageOf, stageText, whenText } from "./outbox";

const NOW = new Date(2026, 10, 22, 12).getTime();
const HOUR = 3_600_000;

const entry = (part: Partial<OutboxView>): OutboxView => ({
  id: 1,
  account: "a@x.pl",
  state: "queued",
  subject: "",
  to: [],
  message_id: "",
  attempts: 0,
  next_at: null,
  left_over: false,
  error: null,
  ...part,
});

describe("stage", () => {
  test.each<[Partial<OutboxView>, string]>([
    [{}, "queued"],
    [{ next_at: NOW - 1 }, "queued"],
    [{ next_at: NOW + 10_000 }, "pause"],
    [{ next_at: NOW + HOUR }, "scheduled"],
    [{ next_at: NOW + HOUR, attempts: 2 }, "retry"],
    [{ state: "sending" }, "sending"],
    [{ state: "sent" }, "sent"],
    [{ state: "failed", next_at: NOW + HOUR }, "failed"],
    [{ state: "unknown" }, "unknown"],
  ])("of %j _is %s", (part, stage) => {
    expect(stageOf(entry(part), NOW).stage).toBe(stage);
  });
});

test("message_of_unknown_fate_can_be_sent_again_or_removed_and_nothing_else", () => {
  expect(deedsOf({ stage: "unknown" })).toEqual({
    send: "again",
    edit: false,
    time: false,
    discard: "remove",
  });
});

test("message_on_its_way_cannot_be_touched", () => {
  expect(deedsOf({ stage: "sending" })).toEqual({ send: null, edit: false, time: false, discard: null });
});

describe.each(LOCALES)("words in %s", (locale) => {
  const intl = createIntl({ locale, messages: MESSAGES[locale] });
  test.each([HOUR, 24 * HOUR, 72 * HOUR, 900 * HOUR])("moment_in %d ms_has_words", (ms) => {
    const text = stageText(intl, { stage: "scheduled", at: NOW + ms }, NOW);
    expect(text).not.toMatch(/[{}]|undefined/);
    expect(text).toContain(whenText(intl, NOW + ms, NOW));
  });
});

test("moments_are_said_as_people_say_them", () => {
  const intl = createIntl({ locale: "en", messages: MESSAGES.en });
  const when = (day: number, hour: number) =>
    whenText(intl, new Date(2026, 10, day, hour).getTime(), NOW).replaceAll(" ", " ");
  expect(when(22, 18)).toBe("today at 6:00 PM");
  expect(when(23, 8)).toBe("tomorrow at 8:00 AM");
  expect(when(25, 8)).toBe("Wednesday, November 25 at 8:00 AM");
  expect(when(30, 8)).toBe("November 30 at 8:00 AM");
  expect(when(42, 8)).toBe("December 12 at 8:00 AM");
  expect(when(72, 8)).toBe("January 11, 2027 at 8:00 AM");
});

test("counts_tell_what_waits_and_what_needs_somebody", () => {
  const entries = [
    entry({}),
    entry({ state: "failed" }),
    entry({ state: "unknown" }),
    entry({ state: "filed" }),
  ];
  expect(outboxCounts(entries)).toEqual({ waiting: 3, failed: 2 });
});
