import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Translations } from "../../i18n/Translations";
import { Licences } from "./Licences";

vi.stubGlobal("CSS", { escape: (text: string) => text });
afterEach(cleanup);

const open = (load: (() => Promise<string>) | null) =>
  render(
    <Translations locale="en">
      <Licences load={load} />
    </Translations>,
  );

test("gathered_licences_are_shown_when_asked_for", async () => {
  open(async () => "library 1.0.0 (MIT)");
  expect(screen.queryByText("library 1.0.0 (MIT)")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Show all licences" }));
  expect(await screen.findByText("library 1.0.0 (MIT)")).toBeDefined();
  fireEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.queryByText("library 1.0.0 (MIT)")).toBeNull();
});

test("page_that_was_built_without_them_has_no_button", () => {
  open(null);
  expect(screen.queryByRole("button")).toBeNull();
});
