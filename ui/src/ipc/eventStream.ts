import type { EventView } from "./contract";

/** Reads server-sent events (HTML, section 9.2) with one JSON object each until the stream ends. */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  tell: (event: EventView) => void,
): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- a stream is read piece by piece
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    const { blocks, unfinished } = split(rest + decoder.decode(value, { stream: true }));
    rest = unfinished;
    for (const block of blocks) {
      const data = dataOf(block);
      if (data !== "") {
        tell(JSON.parse(data) as EventView);
      }
    }
  }
}

/** The whole events in a text, and the beginning of the next. */
function split(text: string): { blocks: string[]; unfinished: string } {
  const blocks = text.split(/\r?\n\r?\n/);
  const unfinished = blocks.pop() ?? "";
  return { blocks, unfinished };
}

/** The data of one event; empty for a comment. */
function dataOf(block: string): string {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trimStart())
    .join("\n");
}
