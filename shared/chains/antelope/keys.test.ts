import { expect, test } from "@jest/globals";
import { Numeric } from "eosjs";
import { PrivateKey } from "eosjs/dist/eosjs-key-conversions.js";
import { derivedPrivateKey } from "../signing/derived-key.ts";
import { canonicalPublicKey, privateKeyBytes, publicKeyText, toPrivateKeyText } from "./keys.ts";
import { isName, nameWord, symbolWord } from "./names.ts";
import { placeSignatureText, signatureTextBytes } from "./signature-text.ts";

const key = derivedPrivateKey("test", 1);

test("keys are read in both of their forms and written as eosjs writes them", () => {
  const library = PrivateKey.fromString(toPrivateKeyText(key));
  expect(privateKeyBytes(library.toLegacyString(), "alice")).toEqual(key);
  expect(privateKeyBytes(library.toString(), "alice")).toEqual(key);
  expect(library.toString()).toMatch(/^PVT_K1_/);
  expect(publicKeyText(key)).toBe(library.getPublicKey().toLegacyString());
  expect(canonicalPublicKey(publicKeyText(key))).toBe(library.getPublicKey().toString());
});

test("what is no key is refused without a part of it in the message", () => {
  const wif = toPrivateKeyText(key);
  const r1 = Numeric.privateKeyToString({ type: Numeric.KeyType.r1, data: key });
  for (const text of [`${wif.slice(0, -2)}xx`, wif.slice(1), "", "PVT_K1_abc", r1]) {
    let message = "";
    try {
      privateKeyBytes(text, "alice");
    } catch (error) {
      expect(error).toMatchObject({ code: "ACCOUNT_KEY" });
      message = JSON.stringify(error) + String(error) + String((error as Error).stack);
    }
    expect(message).toContain("alice");
    for (const part of [wif.slice(0, 8), wif.slice(10, 18)]) expect(message).not.toContain(part);
  }
});

test("names are told from other text", () => {
  for (const name of ["a", "eosio.token", "stress1aaaaa", "12345abcdefgj"])
    expect([name, isName(name)]).toEqual([name, true]);
  for (const name of ["", "A", "stress-1", "abc6", "dot.", "thirteenlettz", "fourteenletter", 5, null]) {
    expect([name, isName(name)]).toEqual([name, false]);
  }
  expect(nameWord("eosio")).toEqual({ low: 0, high: 0x5530ea00 });
  expect(symbolWord("EOS", 4)).toEqual({ low: 0x534f4504, high: 0 });
});

test("signatures have the text that eosjs gives them", () => {
  for (let i = 0; i < 500; i++) {
    const bytes = Buffer.concat([derivedPrivateKey("r", i), derivedPrivateKey("s", i)]);
    const data = Buffer.concat([Buffer.of(31 + (i % 4)), bytes]);
    if (i === 0) data.fill(0, 1);
    if (i === 1) data.fill(255, 1);
    const target = Buffer.alloc(signatureTextBytes + 2);
    placeSignatureText(data, target, 1);
    const text = Numeric.signatureToString({ type: Numeric.KeyType.k1, data });
    expect(target.toString("latin1", 1, 1 + signatureTextBytes)).toBe(text);
    expect([target[0], target.at(-1)]).toEqual([0, 0]);
  }
});
