import { ByteWriter } from "../../encoding/byte-writer.ts";
import type { Batch, PackOptions, Survey } from "../../provisioning.ts";
import { CanonicalSigner } from "../../signing/canonical-signer.ts";
import { sha256 } from "../../signing/one-shot-hash.ts";
import { nameWord } from "../names.ts";
import { bodyBytesFor, placeSignature, signatureAt, writeBody } from "../packed-body.ts";
import { writeWord } from "../transaction-draft.ts";
import type { ActionCall, Step } from "./step.ts";

/** As many as a node carries out well within the 30 ms that it gives a transaction by default. */
const mostActions = 24;
const mostSigners = 8;
const noContextFreeData = new Uint8Array(32);

/** Few transactions with several steps each; a step's actions stay together. */
export function packSteps({ steps }: Survey, options: PackOptions): Batch[] {
  const groups: Step[][] = [];
  for (const step of steps as readonly Step[]) {
    const last = groups.at(-1);
    if (last !== undefined && fits([...last, step])) last.push(step);
    else groups.push([step]);
  }
  const { network, ...rest } = options;
  return groups.map((group) => ({
    ...packActions(group.flatMap(actionsOf), { chainId: network.chainId, ...rest }),
    steps: group.length,
  }));
}

function fits(group: readonly Step[]): boolean {
  const actions = group.flatMap(actionsOf);
  return actions.length <= mostActions && signersOf(actions).length <= mostSigners;
}

function actionsOf({ actions }: Step): readonly ActionCall[] {
  if (actions === null) throw new Error("a step of the first stage waits for another");
  return actions;
}

function signersOf(actions: readonly ActionCall[]): Buffer[] {
  const keys = actions.flatMap(({ actors }) => actors.map(({ privateKey }) => privateKey));
  return [...new Map(keys.map((key) => [key.toString("hex"), key])).values()];
}

/** One transaction of all these actions, signed by all their actors. */
export function packActions(
  actions: readonly ActionCall[],
  { chainId, reference, expirationSeconds }: Omit<PackOptions, "network"> & { readonly chainId: string },
): Omit<Batch, "steps"> {
  const writer = new ByteWriter(4096);
  writer.ensure(64);
  writer.uint32(expirationSeconds);
  writer.uint16(reference.blockNumber & 0xffff);
  writer.uint32(Buffer.from(reference.blockId, "hex").readUInt32LE(8));
  // Neither limits of NET and CPU time nor a delay, nor context-free actions.
  for (let i = 0; i < 4; i++) writer.byte(0);
  writer.varint(actions.length);
  for (const action of actions) writeAction(writer, action);
  writer.ensure(1);
  writer.byte(0);
  const packed = writer.bytes.subarray(0, writer.length);
  const digest = sha256(Buffer.concat([Buffer.from(chainId, "hex"), packed, noContextFreeData]));
  const keys = signersOf(actions);
  const body = new Uint8Array(bodyBytesFor(packed.length, keys.length));
  writeBody(packed, keys.length, body, 0);
  const signer = new CanonicalSigner(keys, placeSignature);
  for (const i of keys.keys()) signer.add(digest, i, body, signatureAt(i), null);
  signer.signAll();
  return { body, matchKey: sha256(packed).readBigUInt64BE(0) };
}

function writeAction(writer: ByteWriter, { contract, action, actors, data }: ActionCall): void {
  writer.ensure(32 + 16 * actors.length);
  writeWord(writer, nameWord(contract));
  writeWord(writer, nameWord(action));
  writer.varint(actors.length);
  for (const { name, permission } of actors) {
    writeWord(writer, nameWord(name));
    writeWord(writer, nameWord(permission));
  }
  writer.varint(data.length);
  writer.append(data);
}
