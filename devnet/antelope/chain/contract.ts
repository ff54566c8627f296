import { createHash } from "node:crypto";
import { Serialize } from "eosjs";
import type { Abi } from "eosjs/dist/eosjs-rpc-interfaces.js";
import { burnerAbi, burnerAccount } from "../../../shared/devnet/burner-abi.ts";
import { systemAccount, tokenAccount } from "./objects.ts";
import { systemAbi } from "./system-abi.ts";
import { tokenAbiBase64, tokenCodeHash } from "./token-abi.ts";

/** What an account with code has of it that clients can ask for. */
export interface Contract {
  readonly account: string;
  /** The ABI in its binary form, as `get_raw_abi` hands it out in base64. */
  readonly rawAbi: Buffer;
  readonly abiHash: string;
  readonly codeHash: string;
}

/** For accounts without code. */
export const noCodeHash = "0".repeat(64);

function toContract(account: string, rawAbi: Buffer, codeHash: string | null): Contract {
  return {
    account,
    rawAbi,
    abiHash: createHash("sha256").update(rawAbi).digest("hex"),
    codeHash: codeHash ?? createHash("sha256").update(`devnet code of ${account}`).digest("hex"),
  };
}

function packAbi(abi: Abi): Buffer {
  const buffer = new Serialize.SerialBuffer();
  const type = Serialize.getTypesFromAbi(Serialize.createAbiTypes()).get("abi_def");
  if (type === undefined) throw new Error("eosjs has no type abi_def");
  type.serialize(buffer, abi);
  return Buffer.from(buffer.asUint8Array());
}

/** By account. Nobody can set code here, so these are all. */
export const contracts: ReadonlyMap<string, Contract> = new Map(
  [
    toContract(systemAccount, packAbi(systemAbi), null),
    toContract(tokenAccount, Buffer.from(tokenAbiBase64, "base64"), tokenCodeHash),
    toContract(burnerAccount, packAbi(burnerAbi as unknown as Abi), null),
  ].map((contract) => [contract.account, contract]),
);
