import { expect, test } from "@jest/globals";
import { escapeHtml, escapeMarkdown, fenced } from "./escape.ts";

test("HTML: no character of markup survives, nor one that could turn or hide text", () => {
  expect(escapeHtml(`<script>alert("x" & 'y')</script>`)).toBe(
    "&lt;script&gt;alert(&quot;x&quot; &amp; &#39;y&#39;)&lt;/script&gt;",
  );
  expect(escapeHtml("a\u202eb\u0000c")).toBe("a\ufffdb\ufffdc");
});

test.each([
  ["a | b", "a &#124; b"],
  ["two\nlines\r\nand\ttab", "two lines and tab"],
  ["<img src=x onerror=alert(1)>", "&#60;img src=x onerror=alert(1)&#62;"],
  ["`code` and *stars* and _lines_", "&#96;code&#96; and &#42;stars&#42; and &#95;lines&#95;"],
  ["![x](http://evil/x.png)", "&#33;&#91;x&#93;(http&#58;//evil/x.png)"],
  ["# not a heading", "&#35; not a heading"],
  ["- not a list", "&#45; not a list"],
  ["1. not a list", "&#49;. not a list"],
  ["&lt; stays as it was written", "&#38;lt; stays as it was written"],
])("Markdown: %j is plain text in a cell", (text, expected) => {
  expect(escapeMarkdown(text)).toBe(expected);
});

test("Markdown: no text ends the fence around it", () => {
  expect(fenced("a\n```\n<b>", "yaml")).toBe("````yaml\na\n```\n<b>\n````");
});
