import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, test, vi } from "vitest";

import { App } from "../../app/App";
import { LOCALES } from "../../i18n/locale";
import { MESSAGES } from "../../i18n/messages";
import { FIRST_COMMANDS } from "./commands";

const [first] = FIRST_COMMANDS;
if (first === undefined) {
  throw new Error("the first screen names no command");
}

function clipboardThat(writeText: (text: string) => Promise<void>) {
  vi.stubGlobal("navigator", { ...navigator, clipboard: { writeText } });
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe.each(LOCALES)("welcome in %s", (locale) => {
  test("screen_opened_says_the_state_of_this_version_in_its_language", () => {
    render(<App locale={locale} />);
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe("Mailroom");
    expect(screen.getByText(MESSAGES[locale]["welcome.state"])).toBeDefined();
  });

  test("screen_opened_shows_every_command_with_its_purpose", () => {
    const { container } = render(<App locale={locale} />);
    for (const { purpose, command } of FIRST_COMMANDS) {
      expect(screen.getByText(MESSAGES[locale][purpose])).toBeDefined();
      expect(screen.getByText(command).tagName).toBe("CODE");
    }
    expect(container.textContent).not.toMatch(/[{}]|undefined/);
  });
});

test("steps_in_polish_use_the_plural_of_four", () => {
  render(<App locale="pl" />);
  expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("4 polecenia na początek");
});

test("copy_allowed_writes_the_command_and_says_so", async () => {
  const written: string[] = [];
  clipboardThat(async (text) => void written.push(text));
  render(<App locale="en" />);
  fireEvent.click(screen.getByRole("button", { name: `Copy “${first.command}”` }));
  expect(await screen.findAllByText("Copied")).toHaveLength(2);
  expect(written).toEqual([first.command]);
});

test("copy_refused_says_what_to_do_instead", async () => {
  clipboardThat(() => Promise.reject(new DOMException("no", "NotAllowedError")));
  render(<App locale="en" />);
  fireEvent.click(screen.getByRole("button", { name: `Copy “${first.command}”` }));
  expect(await screen.findByText(MESSAGES.en["copy.refused"])).toBeDefined();
});
