import type { MixEntry } from "../../../scenario/scenario.ts";
import type { Outlook } from "../../provisioning.ts";
import { foreseeShortages, wholeAmount } from "../../surveying/foresee-shortages.ts";
import type { BitsharesData, EntryData } from "../chain-data.ts";
import { costLines } from "../estimate-cost.ts";
import { AssetTable, symbolsOf } from "../find-assets.ts";
import { findLending } from "../find-lending.ts";
import { findNamed } from "../find-named.ts";
import { assetOptions, assetPrecision } from "../named-operations.ts";
import { type AccountAnswer, neverExpires } from "../node-answers.ts";
import { instanceOf } from "../object-id.ts";
import type { KnownAsset } from "../operation-definition.ts";
import { requiredFee, transferSample } from "../required-fees.ts";
import { priceEntries, refuseLoneAccount, toEntryData } from "../resolve-chain.ts";
import { foreseePools } from "./foresee-pools.ts";
import type { Targets } from "./fund-accounts.ts";
import { foreseenLending, lendingSymbols, unfinishedLending } from "./lend-assets.ts";
import { isNamed, type Party, type Scene } from "./scene.ts";
import { type Dealt, idOf } from "./step.ts";

/** Stands for the next ones of the chain: what they cost depends on how many digits they have, if at all. */
const firstStandIn = 16_000;

/**
 * What the run will take of the accounts, out of the same figures as `resolve` and `cost` work with, before what they need
 * is there: what is not yet is put in as setup will make it. Throws what `resolve` would throw of the workload.
 */
export async function foreseeRun(scene: Scene, targets: Targets, dealt: Dealt): Promise<Outlook> {
  const { workload, poolNeeds } = scene.options;
  const assets = foreseenAssets(scene);
  const accounts = foreseenAccounts(scene);
  const drafts = await foreseenEntries(scene, { assets, accounts, dealt });
  const entries = await priceEntries(scene.client, workload, drafts, {
    assets: assets.all,
    instances: accounts.map(({ id }) => instanceOf(id)),
  });
  refuseLoneAccount(workload.mix, entries, accounts.length);
  const data: BitsharesData = { coreAsset: assets.core, assets: assets.all, entries };
  const resolved = {
    accounts: scene.accounts.map((party, i) => ({
      ...{ name: party.name, id: (accounts[i] as AccountAnswer).id, privateKey: "" },
      balances: Object.fromEntries(
        assets.all.map(({ symbol }) => [symbol, targets.foreseen(party, symbol).units.toString()]),
      ),
    })),
    pools: [],
    data,
  };
  const lines = costLines(resolved, workload, poolNeeds).map(({ asset, needed, available }) => ({
    ...{ asset: asset.symbol, precision: asset.precision, needed, available, setting: "balance" },
    beyond: scene.accounts.map((party) => targets.foreseen(party, asset.symbol).beyond),
    valueFor: (units: bigint) => wholeAmount(units, asset),
  }));
  return foreseeShortages(
    scene.accounts.map(({ name }) => name),
    lines,
  );
}

/** Those that are not there are issued by the first account. */
function foreseenAssets({ core, assets, accounts }: Scene): AssetTable {
  const issuer = idOf(accounts[0] as Party) ?? standInId(0);
  const known = [...assets].map(
    ([symbol, asset], i): KnownAsset =>
      asset ?? {
        ...{ symbol, precision: assetPrecision, instance: firstStandIn + i, issuer, bitassetId: null },
        options: assetOptions(),
      },
  );
  return new AssetTable([core, ...known]);
}

function standInId(position: number): string {
  return `1.2.${firstStandIn + position}`;
}

/** Registered, and lifetime members where the workload is only for such. */
function foreseenAccounts({ accounts }: Scene): AccountAnswer[] {
  return accounts.map(({ name, publicKey, answer }, i) => ({
    ...(answer ?? {
      ...{ id: standInId(i), name, options: { memo_key: publicKey } },
      active: { weight_threshold: 1, key_auths: [[publicKey, 1]] },
    }),
    membership_expiration_date: neverExpires,
  }));
}

interface Foreseen {
  readonly assets: AssetTable;
  readonly accounts: readonly AccountAnswer[];
  readonly dealt: Dealt;
}

async function foreseenEntries(scene: Scene, { assets, accounts, dealt }: Foreseen): Promise<EntryData[]> {
  const { client, options } = scene;
  const { mix } = options.workload;
  const named = await findNamed(client, { mix, headNumber: options.network.headNumber, accounts, assets });
  const lending = await foreseenLoans(scene, { assets, accounts });
  const pools = foreseePools(scene, dealt, await requiredFee(client, [transferSample]));
  return mix.map((entry): EntryData => {
    const own = named.get(entry) ?? lending.get(entry) ?? pools.get(entry);
    if (own !== undefined) return own;
    if (isNamed(entry, ["limit_order_cancel"])) return { kind: "limit_order_cancel", fee: 0, orders: [], owners: [] };
    return toEntryData(entry, assets, accounts);
  });
}

/** As the chain has them, or as setup will make them. */
async function foreseenLoans(
  scene: Scene,
  { assets, accounts }: Omit<Foreseen, "dealt">,
): Promise<ReadonlyMap<MixEntry, EntryData>> {
  const { mix } = scene.options.workload;
  const symbols = lendingSymbols(scene);
  const unfinished = symbols.size === 0 ? new Set<string>() : await unfinishedLending(scene);
  const isMade = (entry: MixEntry): boolean => unfinished.has(symbolsOf(entry)[0] ?? "");
  const found = await findLending(scene.client, { mix: mix.filter((entry) => !isMade(entry)), accounts, assets });
  const made = mix.filter((entry) => isNamed(entry, ["call_order_update", "asset_publish_feed"]) && isMade(entry));
  return new Map<MixEntry, EntryData>([
    ...found,
    ...made.map(
      (entry) => [entry, foreseenLending(entry, assets.get(symbolsOf(entry)[0] as string), assets.core)] as const,
    ),
  ]);
}
