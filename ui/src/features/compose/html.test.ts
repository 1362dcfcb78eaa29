import { describe, expect, test } from "vitest";

import { hasFormatting, htmlOf, isEmptyHtml, mailHtml, plainOf, quoted } from "./html";

describe("plain text of html", () => {
  test.each([
    ["<p>One</p><p>Two</p>", "One\nTwo"],
    ["<p>One</p><p></p><p>Two</p>", "One\n\nTwo"],
    ["<p>One<br>Two</p>", "One\nTwo"],
    ["<p>A  <b>bold</b>\n word</p>", "A bold word"],
    [
      "<ul><li><p>One</p></li><li><p>Two</p><ul><li><p>Deep</p></li></ul></li></ul>",
      "- One\n- Two\n  - Deep",
    ],
    ["<ol start='3'><li>One</li><li>Two</li></ol>", "3. One\n4. Two"],
    [
      "<p>Before</p><blockquote><p>One</p><blockquote><p>Two</p></blockquote></blockquote>",
      "Before\n> One\n>> Two",
    ],
    ["<p><a href='https://x.pl/a'>here</a></p>", "here <https://x.pl/a>"],
    ["<p><a href='https://x.pl/'>x.pl</a> <a href='mailto:a@x.pl'>a@x.pl</a></p>", "x.pl a@x.pl"],
    ["<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"],
    ["<pre>a\n  b</pre>", "a\n  b"],
    ["<div style='white-space:pre-wrap'>a\n  b</div>", "a\n  b"],
    ["<table><tr><td>One</td><td>Two</td></tr><tr><td>3</td><td>4</td></tr></table>", "One Two\n3 4"],
    ["<p><img src='cid:x' alt='chart.png'></p>", "[chart.png]"],
    ["<style>p{}</style><p>One</p>", "One"],
    ["<p>1 &lt; 2 &amp;&nbsp;3</p>", "1 < 2 &\u00a03"],
    ["", ""],
  ])("%s", (html, text) => {
    expect(plainOf(html)).toBe(text);
  });
});

test("mail_html_has_its_styles_and_only_its_own_pictures", () => {
  const html = mailHtml(
    '<p>A</p><p></p><p><img src="cid:a@x" alt="a"><img src="cid:pending-1"><img src="https://x.pl/a.png"></p>' +
      '<p><a href="https://x.pl" target="_blank" rel="noopener" class="c">x</a></p>',
  );
  expect(html).toBe(
    '<p style="margin:0">A</p><p style="margin:0"><br></p>' +
      '<p style="margin:0"><img src="cid:a@x" alt="a" style="max-width:100%;height:auto"></p>' +
      '<p style="margin:0"><a href="https://x.pl">x</a></p>',
  );
});

test.each([
  ["<p></p>", true],
  ["<p> </p><p><br></p>", true],
  ["<p>a</p>", false],
  ['<p><img src="cid:a"></p>', false],
])("html %s _is_empty %s", (html, expected) => {
  expect(isEmptyHtml(html)).toBe(expected);
});

test.each([
  ["<p>a</p><p>b</p>", false],
  ['<p><a href="https://x.pl/">https://x.pl</a></p>', false],
  ['<p><a href="https://x.pl">here</a></p>', true],
  ["<p><strong>a</strong></p>", true],
  ["<ul><li>a</li></ul>", true],
])("formatting_of %s _is %s", (html, expected) => {
  expect(hasFormatting(html)).toBe(expected);
});

test("plain_text_as_html_and_back_is_the_same", () => {
  const text = "Hello <b>you</b> & me\n\n> not a quote\nend";
  expect(plainOf(htmlOf(text))).toBe(text);
});

test("quote_of_a_quote_has_no_space_between_its_signs", () => {
  expect(quoted(["a", "", "> b", ">> c"])).toEqual(["> a", ">", ">> b", ">>> c"]);
});
