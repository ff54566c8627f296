import { expect, test } from "@jest/globals";
import { loadAccountKeys } from "./account-keys.ts";

const source = { kind: "environment", variable: "KEYS" } as const;

test("one key serves all accounts, JSON has one for each", async () => {
  await expect(loadAccountKeys(["a", "b"], source, { KEYS: " 5Jsecret \n" })).resolves.toEqual([
    { name: "a", privateKey: "5Jsecret" },
    { name: "b", privateKey: "5Jsecret" },
  ]);
  await expect(loadAccountKeys(["b"], source, { KEYS: '{"a":"k1","b":"k2"}' })).resolves.toEqual([
    { name: "b", privateKey: "k2" },
  ]);
});

test("all accounts without a key are named at once", async () => {
  await expect(loadAccountKeys(["a", "b", "c"], source, { KEYS: '{"b":"k2"}' })).rejects.toMatchObject({
    code: "ACCOUNT_KEY",
    problems: [{ value: "a" }, { value: "c" }],
  });
});

test.each([
  ["a variable that is not set", {}],
  ["JSON that is damaged", { KEYS: '{"a":"5Jsecret"' }],
  ["JSON of another form", { KEYS: '{"a":["5Jsecret"]}' }],
])("%s is refused without a word of its content", async (_, environment) => {
  const failure = await loadAccountKeys(["a"], source, environment).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "ACCOUNT_KEY" });
  expect(String((failure as Error).message)).not.toContain("5Jsecret");
});

test("a file that is not there is named", async () => {
  await expect(loadAccountKeys(["a"], { kind: "file", path: "/no/such/keys" }, {})).rejects.toMatchObject({
    code: "ACCOUNT_KEY",
    message: expect.stringContaining("/no/such/keys"),
  });
});
