import { expect, test } from "vitest";

import { bytesOf, messageFilename, pictureType, previewOf, zoomed } from "./attachment";

const part = (content_type: string, filename: string) => ({
  part: "2",
  filename,
  content_type,
  size: 1,
  inline: false,
  content_id: null,
  left: false,
});

test.each([
  ["image/png", "a.png", "picture"],
  ["IMAGE/JPEG", "a", "picture"],
  ["image/svg+xml", "a.svg", null],
  ["application/octet-stream", "scan.JPG", "picture"],
  ["application/pdf", "a.pdf", "pdf"],
  ["application/octet-stream", "a.pdf", "pdf"],
  ["text/html", "a.pdf", null],
  ["application/zip", "a.zip", null],
])("preview_of %s %s _is %j", (type, filename, expected) => {
  expect(previewOf(part(type, filename))).toBe(expected);
});

test("type_of_a_picture_is_one_of_points", () => {
  expect(pictureType(part("application/octet-stream", "scan.JPG"))).toBe("image/jpeg");
  expect(pictureType(part("IMAGE/PNG", "x"))).toBe("image/png");
});

test("base64_becomes_its_bytes", () => {
  expect([...bytesOf("AP9A")]).toEqual([0, 255, 64]);
});

test.each([
  ["Re: Umowa / 2026?", "Re Umowa 2026.eml"],
  ["", "message.eml"],
  ["Привет", "Привет.eml"],
])("file_of_subject %j _is %j", (subject, expected) => {
  expect(messageFilename(subject)).toBe(expected);
});

test.each([
  [1, 1, 1.25],
  [4, 1, 4],
  [0.25, -1, 0.25],
  [1.1, -1, 0.75],
])("zoom %d _by %d _is %d", (zoom, step, expected) => {
  expect(zoomed(zoom, step)).toBe(expected);
});
