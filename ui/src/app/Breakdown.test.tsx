import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { Translations } from "../i18n/Translations";
import { browserHost } from "../ipc/browserHost";
import type { Host } from "../ipc/host";
import { HostProvider } from "../ipc/hostContext";
import { Breakdown } from "./Breakdown";

afterEach(cleanup);

function Broken(): never {
  throw new RangeError("Dear Anna");
}

test("screen_that_breaks_is_reported_and_replaced_by_words", () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const host = {
    ...browserHost(),
    reportPageFailure: vi.fn<Host["reportPageFailure"]>(() => Promise.resolve()),
  };
  render(
    <HostProvider host={host}>
      <Translations locale="en">
        <Breakdown host={host}>
          <Broken />
        </Breakdown>
      </Translations>
    </HostProvider>,
  );
  expect(screen.getByRole("button", { name: "Open again" })).toBeTruthy();
  expect(screen.queryByText(/Dear Anna/)).toBeNull();
  expect(host.reportPageFailure).toHaveBeenCalledWith({ name: "RangeError", stack: expect.any(String) });
});
