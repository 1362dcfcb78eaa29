import { expect, test } from "vitest";

import { linkOf } from "./links";
import { cleanPaste, isOnlyPicture } from "./paste";

test("pasted_html_loses_what_would_load_or_run", () => {
  const { html, pictures } = cleanPaste(
    "<style>p{}</style><script>x</script><p>A<img src='https://x.pl/a.png' alt='chart'></p>" +
      "<a href='javascript:x'>bad</a><a href='https://x.pl'>good</a>",
    () => "cid:new",
  );
  expect(html).toBe('<p>Achart</p>bad<a href="https://x.pl">good</a>');
  expect(pictures).toEqual([]);
});

test("picture_in_pasted_html_becomes_a_file", async () => {
  const { html, pictures } = cleanPaste("<p><img src='data:image/png;base64,AAEC'></p>", () => "cid:new");
  expect(html).toBe('<p><img src="cid:new"></p>');
  expect(pictures.map(({ src, file }) => [src, file.name, file.type, file.size])).toEqual([
    ["cid:new", "picture.png", "image/png", 3],
  ]);
});

test("picture_of_a_kind_that_can_hold_more_than_points_is_left_out", () => {
  expect(cleanPaste("<img src='data:image/svg+xml;base64,AAEC'>", () => "x").pictures).toEqual([]);
});

test.each([
  ["<img src='https://x.pl/a.png'>", true],
  ["<p>text <img src='a'></p>", false],
  ["<img><img>", false],
])("paste %s _is_only_a_picture %s", (html, expected) => {
  expect(isOnlyPicture(html)).toBe(expected);
});

test.each([
  ["example.com", "https://example.com"],
  ["http://example.com/a?b=c", "http://example.com/a?b=c"],
  ["anna@example.com", "mailto:anna@example.com"],
  ["mailto:anna@example.com", "mailto:anna@example.com"],
  ["tel:+48123", "tel:+48123"],
  ["localhost:8080/x", "https://localhost:8080/x"],
  ["javascript:alert(1)", null],
  ["data:text/html,x", null],
  ["file:///etc/passwd", null],
  ["word", null],
  ["two words.com", null],
  ["", null],
])("link %s _is %s", (typed, expected) => {
  expect(linkOf(typed)).toBe(expected);
});
