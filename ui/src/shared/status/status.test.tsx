import { cleanup, render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test } from "vitest";

import { Translations } from "../../i18n/Translations";
import type { AccountStatus, SilenceView } from "../../ipc/contract";
import { Arrivals } from "./Arrivals";
import { Silence } from "./Silence";

afterEach(cleanup);

const show = (part: ReactNode) => render(<Translations locale="en">{part}</Translations>).container;
const HOUR = 3_600_000;
const SINCE = new Date(2025, 0, 8, 10).getTime();
const silence = (part: Partial<SilenceView> = {}): SilenceView => ({
  since: SINCE,
  usual_minutes: 12,
  proved_at: null,
  error: null,
  ...part,
});
const ERROR = {
  code: "connect_timeout",
  fixer: "provider",
  params: { host: "imap.x.pl" },
  detail: "",
} as const;

test("silence_that_nobody_looked_into_says_how_unusual_it_is", () => {
  show(<Silence silence={silence()} />);
  expect(screen.getByText("Unusually long without new mail")).toBeDefined();
  expect(screen.getByText(/usually a message comes every 12 minutes/)).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("silence_that_was_proved_is_quiet", () => {
  show(<Silence silence={silence({ proved_at: SINCE + HOUR })} />);
  expect(screen.getByText("The mailbox is quiet")).toBeDefined();
  expect(screen.getByText(/showed that nothing is waiting on the server/)).toBeDefined();
});

test("silence_whose_last_connection_failed_says_why_whatever_was_proved_before", () => {
  show(<Silence silence={silence({ proved_at: SINCE + HOUR, error: ERROR })} />);
  expect(screen.getByText("Unusually long without new mail")).toBeDefined();
  expect(screen.getByText(/A fresh connection could not be opened:/)).toBeDefined();
  expect(screen.queryByText(/nothing is waiting/)).toBeNull();
  expect(screen.getByRole("alert").textContent).toContain("imap.x.pl did not answer in time");
});

const status = (part: Partial<AccountStatus>) =>
  ({ arrivals: [], arrivals_since: SINCE, arrived_at: null, heard_at: null, ...part }) as AccountStatus;

test("arrivals_are_drawn_hour_by_hour_and_told_day_by_day", () => {
  // From ten in the morning until ten in the morning of the day after.
  const hours = Array.from({ length: 24 }, (_, hour) => (hour === 0 ? 3 : hour === 20 ? 1 : 0));
  const drawn = show(
    <Arrivals
      status={status({ arrivals: [...Array.from({ length: 24 }, () => 2), ...hours], heard_at: SINCE })}
    />,
  );
  expect(drawn.querySelectorAll("rect")).toHaveLength(48);
  expect(screen.getByText("52 messages, 4 in the last 24 hours")).toBeDefined();
  expect(screen.getAllByRole("listitem").map((day) => day.textContent)).toEqual([
    "Wednesday, January 8: 28 messages",
    "Thursday, January 9: 23 messages",
    "Friday, January 10: 1 message",
  ]);
  expect(screen.getByText(/Last heard from the server/)).toBeDefined();
});

test("arrivals_of_an_empty_mailbox_say_that_nothing_came", () => {
  show(<Arrivals status={status({})} />);
  expect(screen.getByText("0 messages, none in the last 24 hours")).toBeDefined();
  expect(screen.getByText("No message has arrived yet.")).toBeDefined();
  expect(screen.queryByText(/Last heard/)).toBeNull();
});
