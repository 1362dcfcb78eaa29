import { expect, test } from "vitest";

import { bringsColours, hasRemotePictures, isPicture, messageDocument, pictureIds } from "./frame";

const colours = { ink: "black", accent: "green", line: "grey", font: "sans-serif" };
const blocked = { remotePictures: false, ownPictures: new Map<string, string>(), colours };

const html =
  '<p>Hi <img data-remote-src="https://x.test/a.png"><img data-remote-pixel="https://x.test/p.gif">' +
  '<img src="cid:logo%40x"></p><table data-remote-background="https://x.test/b.png"></table>';

test("document_loads_nothing_remote_until_it_is_asked_for", () => {
  const text = messageDocument(html, blocked);
  expect(text).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:\"");
  expect(text).not.toContain(' src="http');
  expect(text).not.toContain(' background="http');
  expect(text).not.toContain("cid:");
});

test("document_with_pictures_loads_them_and_never_the_counting_pixel", () => {
  const text = messageDocument(html, { ...blocked, remotePictures: true });
  expect(text).toContain('img-src data: http: https:"');
  expect(text).toContain(' src="https://x.test/a.png"');
  expect(text).toContain(' background="https://x.test/b.png"');
  expect(text).not.toContain(' src="https://x.test/p.gif"');
});

test("document_shows_the_pictures_of_the_message_itself", () => {
  const ownPictures = new Map([["logo@x", "data:image/png;base64,AA=="]]);
  expect([...pictureIds(html)]).toEqual(["logo@x"]);
  expect(messageDocument(html, { ...blocked, ownPictures })).toContain('src="data:image/png;base64,AA=="');
});

test.each([
  [html, true],
  ['<img data-remote-pixel="https://x.test/p.gif">', false],
  ["<p>text</p>", false],
])("remote_pictures_of %s _are_there %j", (text, expected) => {
  expect(hasRemotePictures(text)).toBe(expected);
});

test.each([
  ["<p>plain</p>", false],
  ['<p style="margin:0">plain</p>', false],
  ['<p style="font-size:12px;color:red">x</p>', true],
  ['<td style="background-color:#fff">x</td>', false],
  ['<table><tr><td style="background-color:#fff">x</td></tr></table>', true],
  ['<table bgcolor="#fff" style="margin:0"></table>', true],
  ['<font color="red">x</font>', true],
])("colours_in %s _are_brought %j", (text, expected) => {
  expect(bringsColours(text)).toBe(expected);
});

test.each([
  ["image/png", true],
  ["image/svg+xml", false],
  ["text/html", false],
])("type %s _is_a_picture %j", (type, expected) => {
  expect(isPicture(type)).toBe(expected);
});
