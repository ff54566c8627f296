import { expect, test } from "@jest/globals";
import { nameToNumber } from "../codec/names.ts";
import { pageRows } from "./page-rows.ts";
import { readKey, toKeyName, toSymbolCode } from "./table-key.ts";

const rows = ["bob", "alice", "carol", "dave"].map((name) => ({ name, key: nameToNumber(name) }));

function namesOf(fields: object): readonly string[] {
  return pageRows(rows, { ...fields }, "").rows.map(({ name }) => name);
}

test("rows come in the order of their keys, within bounds, and no more than asked for", () => {
  expect(namesOf({})).toEqual(["alice", "bob", "carol", "dave"]);
  expect(namesOf({ lower_bound: "bob", upper_bound: "carol" })).toEqual(["bob", "carol"]);
  expect(namesOf({ reverse: true, limit: 2 })).toEqual(["dave", "carol"]);
  expect(namesOf({ lower_bound: "carol", upper_bound: "bob" })).toEqual([]);
});

test("what did not fit is where the next page begins", () => {
  const page = pageRows(rows, { limit: "3" }, "");
  expect(page.next?.name).toBe("dave");
  expect(namesOf({ lower_bound: String(page.next?.key) })).toEqual(["dave"]);
  expect(pageRows(rows, { limit: 4 }, "").next).toBeNull();
});

test.each([
  ["12", 12n],
  [" alice ", nameToNumber("alice")],
  ["SYS", 5_462_355n],
  ["4,SYS", 5_462_355n * 256n + 4n],
])("%p is a key", (text, key) => {
  expect(readKey(text, "scope")).toBe(key);
});

test("what is neither number, name nor symbol is refused in the node's words", () => {
  expect(() => readKey("Not A Name", "scope")).toThrow(
    "Could not convert scope string 'Not A Name' to any of the following: uint64_t, valid name, or valid symbol (with or without the precision)",
  );
});

test("a key is a name again", () => {
  expect(toKeyName(nameToNumber("eosio.token"))).toBe("eosio.token");
  expect(toSymbolCode("SYS")).toBe(5_462_355n);
});
