import type { Authority } from "../chain/objects.ts";
import type { PackedReader } from "../codec/packed-reader.ts";
import { toKeyText } from "../codec/public-key.ts";

const k1 = 0;
const compressedKeyBytes = 33;

export function readAuthority(data: PackedReader): Authority {
  return {
    threshold: data.uint32(),
    keys: data.list(() => ({ key: readKey(data), weight: data.uint16() })),
    accounts: data.list(() => ({
      permission: { actor: data.name(), permission: data.name() },
      weight: data.uint16(),
    })),
    waits: data.list(() => ({ waitSeconds: data.uint32(), weight: data.uint16() })),
  };
}

/** A key of another curve than K1 is kept, but no signature here ever matches it. */
function readKey(data: PackedReader): string {
  const type = data.uint8();
  const bytes = Buffer.alloc(compressedKeyBytes);
  for (let index = 0; index < compressedKeyBytes; index += 1) bytes.writeUInt8(data.uint8(), index);
  return type === k1 ? toKeyText(bytes) : `PUB_R1_${bytes.toString("hex")}`;
}

/** Bytes that a permission takes in RAM: what nodeos bills for the object, each key, account and wait. */
export function permissionBytes({ keys, accounts, waits }: Authority): number {
  return 320 + keys.length * 44 + accounts.length * 20 + waits.length * 8;
}

/** As nodes demand it: reachable, positive weights. */
export function isValidAuthority({ threshold, keys, accounts, waits }: Authority): boolean {
  const weights = [...keys, ...accounts, ...waits].map(({ weight }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return threshold > 0 && total >= threshold && weights.every((weight) => weight > 0);
}
