import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";

import { Translations } from "../i18n/Translations";
import { browserHost } from "../ipc/browserHost";
import { createQueryClient } from "../ipc/client";
import { DoorProvider } from "../ipc/context";
import type { Door } from "../ipc/door";
import type { Host } from "../ipc/host";
import { HostProvider } from "../ipc/hostContext";
import { CommandProvider } from "../shared/commands/CommandProvider";
import { DEFAULTS } from "../shared/settings/settings";
import { readZoom, useZoom, zoomedBy } from "./zoom";

test.each([
  [null, 100],
  ["", 100],
  ["100", 100],
  ["200", 200],
  ["201", 100],
  ["1e2", 100],
  ["Infinity", 100],
])("remembered size %j is %d percent", (text, size) => {
  expect(readZoom(text)).toBe(size);
});

test.each([
  [100, 1, 110],
  [100, -1, 90],
  [300, 1, 300],
  [50, -1, 50],
] as const)("size %d goes by %d to %d", (size, step, next) => {
  expect(zoomedBy(size, step)).toBe(next);
});

const door: Door = {
  call: async () => DEFAULTS as never,
  listen: () => () => {},
  openExternal: async () => {},
  saveDownload: async () => ({ path: "", bytes: 0 }),
};

function Zoomed() {
  useZoom();
  return <input aria-label="field" />;
}

/** Opens a window that can or cannot be zoomed; comes back with the sizes that it was given. */
function open(zoom: boolean): number[] {
  const sizes: number[] = [];
  const own = browserHost();
  const host: Host = {
    ...own,
    can: { ...own.can, zoom },
    setZoom: async (factor) => void sizes.push(factor),
  };
  render(
    <DoorProvider door={door}>
      <HostProvider host={host}>
        <QueryClientProvider client={createQueryClient()}>
          <Translations locale="en">
            <CommandProvider>
              <Zoomed />
            </CommandProvider>
          </Translations>
        </QueryClientProvider>
      </HostProvider>
    </DoorProvider>,
  );
  return sizes;
}

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const press = (key: string) => fireEvent.keyDown(screen.getByLabelText("field"), { key, ctrlKey: true });

test("keys change the size, also while somebody types, and the next window has it", () => {
  const sizes = open(true);
  screen.getByLabelText("field").focus();
  ["+", "=", "-", "0", "0", "+"].forEach(press);
  expect(sizes).toEqual([1.1, 1.25, 1.1, 1, 1.1]);
  cleanup();
  expect(open(true)).toEqual([1.1]);
});

test("a browser keeps its own keys", () => {
  const sizes = open(false);
  expect(press("+")).toBe(true);
  expect(sizes).toEqual([]);
});
