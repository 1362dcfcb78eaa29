import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  // The desktop shell serves the page from its own scheme and, while developing, from this address.
  server: { host: "127.0.0.1", port: 5173, strictPort: true },
  clearScreen: false,
  // The texts of three languages are many: as JSON they are read faster than as a program.
  json: { stringify: true, namedExports: false },
  build: {
    // WebKitGTK 2.50, WebView2 and WKWebView of the supported systems.
    target: ["es2023", "safari16.4", "chrome120"],
    // A data: URL would need a wider content security policy than 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: "jsdom",
    // What stands in e2e/ needs a browser.
    include: ["src/**/*.test.{ts,tsx}"],
    // Style sheets are not applied; as text they are read, by the test that holds components to the classes there are.
    css: { include: /\.css\?raw$/, modules: { classNameStrategy: "non-scoped" } },
    // Whole pages are drawn and searched by role, which takes its time on a busy machine; waiting ends when it is there.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ["src/test-setup.ts"],
  },
});
