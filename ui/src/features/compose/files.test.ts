import { expect, test } from "vitest";

import { chooseFitting, encodedSize, messageSize, readBase64 } from "./files";

const file = (name: string, size: number) => {
  const made = new File([], name);
  Object.defineProperty(made, "size", { value: size });
  return made;
};

test.each([
  [0, 300],
  [3, 306],
  [57, 378],
  [58, 384],
])("file_of %d bytes_takes %d", (bytes, encoded) => {
  expect(encodedSize(bytes)).toBe(encoded);
});

test("files_are_taken_as_long_as_they_fit", () => {
  const [small, large, other] = [file("a", 1000), file("b", 1_000_000), file("c", 1000)];
  const { taken, refused } = chooseFitting([small, large, other], 2000, 100_000);
  expect(taken).toEqual([small, other]);
  expect(refused).toEqual([
    { file: large, would: 2000 + encodedSize(1000) + encodedSize(1_000_000), limit: 100_000 },
  ]);
});

test("server_without_a_limit_takes_everything", () => {
  expect(chooseFitting([file("a", 1e12)], 0, null).refused).toEqual([]);
});

test("two_files_of_one_name_both_count", () => {
  expect(messageSize(0, [{ size: 300 }, { size: 300 }])).toBe(2000 + 2 * encodedSize(300));
});

test("file_read_in_pieces_is_whole_and_tells_its_progress", async () => {
  const bytes = Uint8Array.from({ length: 800_001 }, (_, at) => at % 251);
  const steps: number[] = [];
  const base64 = await readBase64(new Blob([bytes]), (part) => steps.push(part));
  expect(Buffer.from(base64, "base64").equals(Buffer.from(bytes))).toBe(true);
  expect(steps).toEqual([(3 * 256 * 1024) / 800_001, 1]);
});
