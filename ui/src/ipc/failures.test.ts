import { expect, test, vi } from "vitest";

import { browserHost } from "./browserHost";
import { reportFailures } from "./failures";
import type { Host } from "./host";

function thrown(error: unknown): Event {
  return Object.assign(new Event("error"), { error });
}

test("failure_is_reported_once_by_name_and_stack_and_a_loop_of_them_ends", () => {
  const page = new EventTarget();
  const reportPageFailure = vi.fn<Host["reportPageFailure"]>(() => Promise.resolve());
  const end = reportFailures({ ...browserHost(), reportPageFailure }, page);
  const failure = new TypeError("Dear Anna");
  failure.stack = "show@tauri://localhost/assets/a.js:1:1";
  page.dispatchEvent(thrown(failure));
  page.dispatchEvent(thrown(failure));
  expect(reportPageFailure.mock.calls).toEqual([
    [{ name: "TypeError", stack: "show@tauri://localhost/assets/a.js:1:1" }],
  ]);
  page.dispatchEvent(thrown("no error"));
  for (let line = 0; line < 20; line++) {
    const next = new RangeError();
    next.stack = `f@tauri://localhost/assets/a.js:${line}:1`;
    page.dispatchEvent(Object.assign(new Event("unhandledrejection"), { reason: next }));
  }
  expect(reportPageFailure).toHaveBeenCalledTimes(5);
  end();
  page.dispatchEvent(thrown(new SyntaxError()));
  expect(reportPageFailure).toHaveBeenCalledTimes(5);
});
