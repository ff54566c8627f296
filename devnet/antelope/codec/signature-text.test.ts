import { expect, test } from "@jest/globals";
import { Numeric } from "eosjs";
import fc from "fast-check";
import { readSignatureText, toSignatureText } from "./signature-text.ts";

const signature = fc.uint8Array({ minLength: 65, maxLength: 65 });

test("signatures are read and written as by the reference library", () => {
  const property = fc.property(signature, (bytes) => {
    const text = Numeric.signatureToString({ type: Numeric.KeyType.k1, data: bytes });
    expect(toSignatureText(bytes)).toBe(text);
    expect(readSignatureText(text)).toEqual(Buffer.from(bytes));
  });
  fc.assert(property, { numRuns: 200 });
});

test("a text with a wrong character, length or checksum is none", () => {
  const text = toSignatureText(Buffer.alloc(65, 7));
  const changed = `${text.slice(0, 20)}${text[20] === "2" ? "3" : "2"}${text.slice(21)}`;
  for (const wrong of [changed, text.slice(0, -1), `${text}1`, text.replace("SIG_K1_", "SIG_R1_"), "SIG_K1_bad", ""]) {
    expect(readSignatureText(wrong)).toBeNull();
  }
});
