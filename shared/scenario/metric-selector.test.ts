import { expect, test } from "@jest/globals";
import { parseSelector } from "./metric-selector.ts";

test.each([
  ["up", {}, true],
  [" up { } ", { job: "x" }, true],
  ['cpu{mode="user"}', { mode: "user" }, true],
  ['cpu{mode="user"}', { mode: "idle" }, false],
  ['cpu{mode!="idle", cpu="0",}', { mode: "user", cpu: "0" }, true],
  ['cpu{mode!~"idle|iowait"}', { mode: "iowait" }, false],
  ['cpu{mode!~"idle|iowait"}', { mode: "io" }, true],
  ['disk{device=~"sd[a-z]"}', { device: "sdab" }, false],
  ['disk{device=""}', {}, true],
  ['disk{path="a\\"},b\\\\"}', { path: 'a"},b\\' }, true],
])("%s of %j: %s", (text, labels, expected) => {
  expect(parseSelector(text)?.matches(labels as Record<string, string>)).toBe(expected);
});

test.each(["", "1up", "up{", "up{a}", "up{a=b}", 'up{a="b" c="d"}', 'up{a=~"("}', "sum(up)", "up[5m]"])(
  "%s is no selector",
  (text) => {
    expect(parseSelector(text)).toBeNull();
  },
);
