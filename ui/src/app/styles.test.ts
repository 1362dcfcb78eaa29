import { expect, test } from "vitest";

const SHEETS = import.meta.glob<string>("/src/**/*.module.css", {
  query: "?raw",
  import: "default",
  eager: true,
});
const FILES = import.meta.glob<string>("/src/**/*.tsx", { query: "?raw", import: "default", eager: true });

/** The style sheets that a file imports, and what it calls them. */
function sheetsOf(file: string, text: string): { name: string; path: string }[] {
  return [...text.matchAll(/import (\w+) from "([^"]+\.module\.css)"/g)].map(([, name = "", path = ""]) => ({
    name,
    path: new URL(path, `file://${file}`).pathname,
  }));
}

// A class that is not there is no error: its element just looks as if nobody had thought of it.
test("class_that_a_component_names_is_in_its_style_sheet", () => {
  const missing = Object.entries(FILES).flatMap(([file, text]) =>
    sheetsOf(file, text).flatMap(({ name, path }) =>
      [...text.matchAll(new RegExp(String.raw`\b${name}\.(?!module\b)(\w+)`, "g"))]
        .map(([, used = ""]) => used)
        .filter((used) => !new RegExp(String.raw`\.${used}\b`).test(SHEETS[path] ?? ""))
        .map((used) => `${file}: ${name}.${used}`),
    ),
  );
  expect(missing).toEqual([]);
});
