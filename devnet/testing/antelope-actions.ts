import { Serialize } from "eosjs";
import type { Abi } from "eosjs/dist/eosjs-rpc-interfaces.js";
import { burnerAccount } from "../../shared/devnet/burner-abi.ts";
import { contracts } from "../antelope/chain/contract.ts";
import { systemAccount, tokenAccount } from "../antelope/chain/objects.ts";
import { signPacked } from "./sign-antelope.ts";

export interface TestAction {
  readonly account: string;
  readonly name: string;
  readonly authorization: readonly { readonly actor: string; readonly permission: string }[];
  /** Fields, or the data's bytes. */
  readonly data: Readonly<Record<string, unknown>> | Uint8Array;
}

export interface AntelopeReference {
  readonly chainId: string;
  readonly refBlockNumber: number;
  readonly refBlockPrefix: number;
  readonly expirationSeconds: number;
}

const abiTypes = Serialize.getTypesFromAbi(Serialize.createAbiTypes());
const contractTypes = new Map(
  [...contracts].map(([account, { rawAbi }]) => {
    const abi = abiTypes.get("abi_def")!.deserialize(new Serialize.SerialBuffer({ array: rawAbi })) as Abi;
    return [account, Serialize.getTypesFromAbi(Serialize.createInitialTypes(), abi)] as const;
  }),
);

/** Packed by the reference library with the ABI that the devnet serves. */
function packData({ account, name, data }: TestAction): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const buffer = new Serialize.SerialBuffer();
  contractTypes.get(account)!.get(name)!.serialize(buffer, data);
  return buffer.asUint8Array();
}

export function packTransaction(
  actions: readonly TestAction[],
  { refBlockNumber, refBlockPrefix, expirationSeconds }: AntelopeReference,
  limits: { readonly netWords?: number; readonly cpuMillis?: number } = {},
): Buffer {
  const buffer = new Serialize.SerialBuffer();
  buffer.pushUint32(expirationSeconds);
  buffer.pushUint16(refBlockNumber & 0xffff);
  buffer.pushUint32(refBlockPrefix);
  buffer.pushVaruint32(limits.netWords ?? 0);
  buffer.push(limits.cpuMillis ?? 0);
  buffer.pushVaruint32(0);
  buffer.pushVaruint32(0);
  buffer.pushVaruint32(actions.length);
  for (const action of actions) {
    buffer.pushName(action.account);
    buffer.pushName(action.name);
    buffer.pushVaruint32(action.authorization.length);
    for (const { actor, permission } of action.authorization) {
      buffer.pushName(actor);
      buffer.pushName(permission);
    }
    buffer.pushBytes(packData(action));
  }
  buffer.pushVaruint32(0);
  return Buffer.from(buffer.asUint8Array());
}

/** As `send_transaction` takes it. */
export function signedActions(
  actions: readonly TestAction[],
  reference: AntelopeReference,
  keys: readonly (Uint8Array | undefined)[] = [undefined],
  limits: { readonly netWords?: number; readonly cpuMillis?: number } = {},
): object {
  const packed = packTransaction(actions, reference, limits);
  return {
    signatures: keys.map((key) => signPacked(packed, reference.chainId, key)),
    compression: 0,
    packed_context_free_data: "",
    packed_trx: packed.toString("hex"),
  };
}

export function by(actor: string, account: string, name: string, data: TestAction["data"]): TestAction {
  return { account, name, authorization: [{ actor, permission: "active" }], data };
}

export function transfer(from: string, to: string, quantity: string, memo = ""): TestAction {
  return by(from, tokenAccount, "transfer", { from, to, quantity, memo });
}

export function system(actor: string, name: string, data: Readonly<Record<string, unknown>>): TestAction {
  return by(actor, systemAccount, name, data);
}

export function burn(owner: string, name: "cpu" | "ram" | "net", nonce: number, amount: number): TestAction {
  const field = { cpu: "micros", ram: "bytes", net: "payload" }[name];
  const value = name === "net" ? Buffer.alloc(amount).toString("hex") : amount;
  return by(owner, burnerAccount, name, { owner, nonce, [field]: value });
}
