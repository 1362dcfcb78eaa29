import { expect, test } from "vitest";

import type { Command } from "./command";
import { findCommands, fold } from "./find";

const command = (id: string, title: string, more: Partial<Command> = {}): Command => ({
  id,
  title,
  group: "message",
  run: () => {},
  ...more,
});

const commands = [
  command("archive", "Archive"),
  command("junk", "Mark as junk"),
  command("go1", "Go to Archive", { hint: "ewa@example.com", group: "go" }),
  command("lodz", "Przejdź do: Łódź", { group: "go" }),
  command("off", "Archive nothing", { enabled: false }),
  command("down", "Next", { isKeyOnly: true }),
];

test.each([
  ["", ["archive", "junk", "go1", "lodz"]],
  ["arch", ["archive", "go1"]],
  ["go ewa", ["go1"]],
  ["lodz", ["lodz"]],
  ["junk mark", ["junk"]],
  ["next", []],
  ["zzz", []],
])("typed %j _finds %j", (typed, expected) => {
  expect(findCommands(commands, typed, () => "").map(({ id }) => id)).toEqual(expected);
});

test("title_comes_before_the_name_of_its_group", () => {
  const found = findCommands(
    [command("other", "Next"), command("one", "Open message")],
    "message",
    () => "Message",
  );
  expect(found.map(({ id }) => id)).toEqual(["one", "other"]);
});

test("folded_words_have_no_case_and_no_marks", () => {
  expect(fold("ŁÓDŹ Ещё")).toBe("lodz еще");
});
