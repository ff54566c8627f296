import { hkdfSync, scryptSync } from "node:crypto";
import { expect, test } from "@jest/globals";
import { derivePrivateKeys } from "./derive-keys.ts";

const phrase = "twelve words that nobody else has ever put in this order";

test("keys are those of the documented derivation, another for each account and chain", async () => {
  const seed = scryptSync(phrase, "loadstone accounts", 32, { N: 32_768, r: 8, p: 1, maxmem: 2 ** 26 });
  const documented = (info: string) => Buffer.from(hkdfSync("sha256", seed, "", info, 32));
  const [one, two] = await derivePrivateKeys(phrase, "bitshares", ["load-1", "load-2"]);
  expect(one).toEqual(documented("loadstone bitshares load-1 0"));
  expect(two).toEqual(documented("loadstone bitshares load-2 0"));
  const [elsewhere] = await derivePrivateKeys(` ${phrase}\n`, "antelope", ["load-1"]);
  expect(elsewhere).toEqual(documented("loadstone antelope load-1 0"));
});

test("a phrase that can be guessed is refused without a word of it", async () => {
  const failure: unknown = await derivePrivateKeys("correct horse", "bitshares", ["load-1"]).catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ code: "ACCOUNT_KEY" });
  expect(String((failure as Error).message)).not.toContain("horse");
});
