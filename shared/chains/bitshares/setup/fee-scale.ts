import { z } from "zod";
import type { RpcClient } from "../rpc-client.ts";

const accountCreate = 5;
const integer = z.union([z.number(), z.string()]).transform(BigInt);

const parametersAnswer = z.object({
  parameters: z.object({
    current_fees: z.object({
      parameters: z.array(z.tuple([z.number(), z.record(z.string(), z.unknown())])),
      scale: z.number(),
    }),
    accounts_per_fee_scale: z.number(),
    account_fee_scale_bitshifts: z.number(),
  }),
});
const registeredAnswer = z.object({ accounts_registered_this_interval: z.number() });
/** `GRAPHENE_100_PERCENT`: what a fee schedule's scale is measured in. */
const wholeScale = 10_000n;

export interface FeeScale {
  /** What the registration after so many more costs beyond the fee of now. */
  surcharge(position: number): bigint;
}

/**
 * Networks may raise the fee of registrations as more of them come between two maintenances: after every
 * `accounts_per_fee_scale` the basic fee is shifted left by `account_fee_scale_bitshifts`, until the next maintenance.
 */
export async function fetchFeeScale(client: RpcClient): Promise<FeeScale> {
  const { parameters } = await client.call("database", "get_global_properties", [], parametersAnswer);
  const { accounts_per_fee_scale: accounts, account_fee_scale_bitshifts: bits, current_fees: fees } = parameters;
  if (accounts === 0 || bits === 0) return { surcharge: () => 0n };
  const dynamic = await client.call("database", "get_dynamic_global_properties", [], registeredAnswer);
  const registered = dynamic.accounts_registered_this_interval;
  const own = fees.parameters.find(([code]) => code === accountCreate)?.[1];
  const basic = (integer.parse(own?.basic_fee ?? 0) * BigInt(fees.scale)) / wholeScale;
  const before = Math.floor(registered / accounts);
  return {
    surcharge(position) {
      const scales = Math.floor((registered + position) / accounts) - before;
      return (basic << BigInt(scales * bits)) - basic;
    },
  };
}
