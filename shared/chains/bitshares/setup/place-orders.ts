import { findOrders } from "../find-orders.ts";
import { defaultMarket, parseOrderCancel, parseOrderUpdate } from "../parameters.ts";
import { toChainTime } from "../transaction-draft.ts";
import type { Operation } from "./fee-table.ts";
import { answersOf, assetOf, dealtByPopularity, missingObjects } from "./missing-objects.ts";
import type { Scene } from "./scene.ts";
import { idOf, type Provided, type Step } from "./step.ts";

const limitOrderCreate = 1;
const operations = ["limit_order_cancel", "limit_order_update"];
/** Far above any market, so that nothing takes the order before it is its turn: a million for a hundred-thousandth. */
const farAwayUnits = 100_000_000_000;
const lifetimeSeconds = 365 * 86_400;

/** Open orders, as many as the workload cancels and updates, in the markets that it does so in. */
export async function placeOrders(scene: Scene): Promise<Provided> {
  const { client, fees, options } = scene;
  const dealt = await findOrders(client, {
    mix: options.workload.mix,
    accounts: answersOf(scene),
    assets: { get: (symbol) => assetOf(scene, symbol) },
  });
  const lacking = missingObjects(scene, operations, dealt).filter(({ missing }) => missing > 0);
  if (lacking.length === 0) return { stages: [], reserves: [], dealt };
  const fee = await fees.of(orderOf("1.2.0", "1.3.1", "1.3.0", farAwayUnits, 0));
  const steps = lacking.flatMap(({ entry, missing }) => {
    const parse = entry.operation === "limit_order_cancel" ? parseOrderCancel : parseOrderUpdate;
    return stepsOf(scene, parse(entry.parameters).value.market, missing, fee);
  });
  return { stages: [{ name: "place open orders", steps }], reserves: [], dealt };
}

function stepsOf(scene: Scene, market: readonly [string, string] | null, missing: number, fee: bigint): Step[] {
  const { core, options } = scene;
  const [base, quote] = market ?? [defaultMarket[0], core.symbol];
  // Sold is the asset that is not the core asset: of that one accounts need every unit for fees.
  const [sold, wanted] = base === core.symbol ? [quote, base] : [base, quote];
  const [soldAsset, wantedAsset] = [assetOf(scene, sold), assetOf(scene, wanted)];
  const expiration = Math.floor(options.network.headTimeMs / 1000) + lifetimeSeconds;
  return dealtByPopularity(scene, missing).map(({ party }, i) => {
    const seller = idOf(party);
    const isReady = seller !== null && soldAsset !== null && wantedAsset !== null;
    return {
      sender: party,
      // Another amount each, so that no two transactions of them are the same.
      operation: isReady
        ? orderOf(seller, `1.3.${soldAsset.instance}`, `1.3.${wantedAsset.instance}`, farAwayUnits + i, expiration)
        : null,
      fee,
      spends: [{ symbol: sold, units: 1n }],
    };
  });
}

function orderOf(seller: string, soldId: string, wantedId: string, wantedUnits: number, expiration: number): Operation {
  return [
    limitOrderCreate,
    {
      seller,
      amount_to_sell: { amount: 1, asset_id: soldId },
      min_to_receive: { amount: wantedUnits, asset_id: wantedId },
      expiration: toChainTime(expiration),
      fill_or_kill: false,
      extensions: {},
    },
  ];
}
