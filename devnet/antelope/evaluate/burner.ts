import { ChainFailure } from "../chain/failure.ts";
import { type Call, type Handler, readData, requireAuthority } from "./call.ts";

function cpu(call: Call): ChainFailure | null {
  const read = readOwnerAndAmount(call);
  if (read instanceof ChainFailure) return read;
  const missing = requireAuthority(call, read.owner);
  if (missing !== null) return missing;
  call.burn(read.amount);
  return null;
}

function ram(call: Call): ChainFailure | null {
  const read = readOwnerAndAmount(call);
  if (read instanceof ChainFailure) return read;
  const missing = requireAuthority(call, read.owner);
  if (missing !== null) return missing;
  call.addRam(read.owner, read.amount);
  return null;
}

/** The transaction's size is all there is to it. */
function net(call: Call): ChainFailure | null {
  const read = readData(call, (data) => ({ owner: data.name(), nonce: data.uint64(), payload: data.lengthAndBytes() }));
  return read instanceof ChainFailure ? read : requireAuthority(call, read.owner);
}

function readOwnerAndAmount(call: Call) {
  return readData(call, (data) => ({ owner: data.name(), nonce: data.uint64(), amount: data.uint32() }));
}

export const burnerActions: ReadonlyMap<string, Handler> = new Map(Object.entries({ cpu, ram, net }));
