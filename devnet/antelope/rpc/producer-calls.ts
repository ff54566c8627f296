import type { Producer } from "../chain/chain-parameters.ts";
import type { Call } from "./call.ts";
import { readFields, readText, readUnsigned, refuseParameters } from "./parameters.ts";

function authorityOf({ publicKey }: Producer): readonly [number, object] {
  return [0, { threshold: 1, keys: [{ key: publicKey, weight: 1 }] }];
}

/** Without votes the order of producers is that of their names. */
export function producers(body: string, { network }: Call): string {
  const fields = readFields(body);
  const from = readText(fields, "lower_bound");
  const all = network.parameters.producers.filter(({ name }) => name >= from);
  const limit = readUnsigned(fields, "limit", 50);
  const rows = all.slice(0, limit).map((producer) => ({
    owner: producer.name,
    producer_authority: authorityOf(producer),
    url: "",
    total_votes: "0.00000000000000000",
    producer_key: producer.publicKey,
  }));
  return JSON.stringify({ rows, total_producer_vote_weight: "-nan", more: all[limit]?.name ?? "" });
}

export function producerSchedule(body: string, { network }: Call): string {
  refuseParameters(body);
  const active = {
    version: 0,
    producers: network.parameters.producers.map((producer) => ({
      producer_name: producer.name,
      authority: authorityOf(producer),
    })),
  };
  return JSON.stringify({ active, pending: null, proposed: null });
}
