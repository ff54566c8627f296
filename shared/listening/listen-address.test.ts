import { expect, test } from "@jest/globals";
import { isLoopback, parseListenAddress } from "./listen-address.ts";

test.each([
  ["127.0.0.1:7411", { host: "127.0.0.1", port: 7411 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["overseer.example:65535", { host: "overseer.example", port: 65_535 }],
  ["9464", { host: "127.0.0.1", port: 9464 }],
  ["127.0.0.1:65536", null],
  ["127.0.0.1", null],
  [":9464", null],
  ["host:port", null],
  ["", null],
])("%j is read as %j where a port alone means this machine", (text, expected) => {
  expect(parseListenAddress(text, "127.0.0.1")).toEqual(expected);
});

test("a port alone is no address where nothing says of which host", () => {
  expect(parseListenAddress("7411")).toBeNull();
});

test.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["localhost", true],
  ["127.1", true],
  ["127.0.0.1.example", false],
  ["0.0.0.0", false],
  ["::", false],
  ["192.0.2.1", false],
])("whether only this machine reaches %s: %j", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
