/** Frames kept of one failure. */
const FRAMES = 40;

/**
 * The frames of a stack that lie in our own files: function, file, line, column. Everything else in a stack (the
 * message that Chromium writes on top, extensions, data: addresses) may hold what nobody should read.
 */
export function ownFrames(stack: string): string {
  return stack
    .split("\n")
    .map(frame)
    .filter((line) => line !== null)
    .slice(0, FRAMES)
    .join("\n");
}

// `name@tauri://localhost/assets/index-a1b2.js:1:234` (WebKit) or `    at name (http://…/assets/index.js:1:234)`.
const OWN =
  /^(?:\s*at\s+)?([\w$.<>/ ]{0,80}?)\s*[@(]?(?:[a-z]+:\/\/[\w.:-]+)\/((?:assets|src)\/[\w./-]{1,120}\.(?:js|mjs|ts|tsx))(?:\?[\w=&-]*)?:(\d{1,9}):(\d{1,9})\)?$/;

function frame(line: string): string | null {
  const [, name, file, row, column] = OWN.exec(line) ?? [];
  return file === undefined
    ? null
    : `${name === undefined || name === "" ? "(anonymous)" : name} ${file}:${row}:${column}`;
}
