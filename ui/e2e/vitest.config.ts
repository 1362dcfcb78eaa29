import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    root: fileURLToPath(new URL(".", import.meta.url)),
    include: ["**/*.spec.ts"],
    environment: "node",
    // Each file has a browser and an office of its own. More than two at a time would wait for each other.
    maxWorkers: 2,
    // Far above what they take on a busy machine: a limit here only ends what hangs.
    testTimeout: 900_000,
    hookTimeout: 600_000,
  },
});
