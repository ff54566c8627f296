import { expect, test } from "@jest/globals";
import { Serialize } from "eosjs";
import fc from "fast-check";
import { isAccountName, nameFromBytes, nameToNumber } from "./names.ts";

function packName(name: string): Buffer {
  const buffer = new Serialize.SerialBuffer();
  buffer.pushName(name);
  return Buffer.from(buffer.asUint8Array());
}

test("every eight bytes read as the name that the reference library reads", () => {
  const property = fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
    const expected = new Serialize.SerialBuffer({ array: bytes }).getName();
    expect(nameFromBytes(Buffer.from(bytes), 0)).toBe(expected);
  });
  fc.assert(property, { numRuns: 500 });
});

test.each(["eosio", "eosio.token", "a", "zzzzzzzzzzzz", "stress1aaaaa", "a.b.c.1.5", "aaaaaaaaaaaaj"])(
  "%s has the number that the reference library gives it",
  (name) => {
    const packed = packName(name);
    expect(nameToNumber(name)).toBe(packed.readBigUInt64LE());
    expect(nameFromBytes(packed, 0)).toBe(name);
  },
);

test("accounts have names of up to twelve characters that do not end with a dot", () => {
  expect(["alice", "a", "eosio.token", "stress1aaaaa"].every(isAccountName)).toBe(true);
  expect(["", "Alice", "alice6", "alice.", "aaaaaaaaaaaaa"].some(isAccountName)).toBe(false);
});
