import { parseAmountRange } from "../../../workload/amount.ts";
import { symbolsOf } from "../find-assets.ts";
import { issueOf, issuerOf } from "./create-assets.ts";
import type { Operation } from "./fee-table.ts";
import { lendingSymbols } from "./lend-assets.ts";
import { type Party, type Scene, wantedUnits } from "./scene.ts";
import { idOf, type Reserve, type Stage, type Step } from "./step.ts";
import { upgradeFee } from "./upgrade-members.ts";

const transfer = 0;
/** Operations for which accounts need not hold what they deal in. */
const withoutHolding = new Set([
  ...["limit_order_cancel", "limit_order_update", "asset_issue", "asset_update"],
  ...["call_order_update", "asset_publish_feed", "bid_collateral"],
]);

/** What accounts must have: their balance, and what they will spend on the steps that are theirs and on what is reserved. */
export class Targets {
  readonly #scene: Scene;
  readonly #units = new Map<Party, Map<string, bigint>>();
  /** Of that, what their own steps take. */
  readonly #spent = new Map<Party, Map<string, bigint>>();

  static async of(scene: Scene, steps: readonly Step[], reserves: readonly Reserve[]): Promise<Targets> {
    const targets = new Targets(scene);
    const fee = scene.basics.length === 0 ? 0n : await upgradeFee(scene);
    for (const basic of scene.basics) targets.#add(basic, scene.core.symbol, fee);
    for (const { party, symbol, units } of reserves) targets.#add(party, symbol, units);
    targets.addSteps(steps);
    return targets;
  }

  private constructor(scene: Scene) {
    this.#scene = scene;
    for (const symbol of heldSymbols(scene)) {
      const units = wantedUnits(scene, symbol);
      for (const account of scene.accounts) this.#add(account, symbol, units);
    }
  }

  addSteps(steps: readonly Step[]): void {
    const { core, funder } = this.#scene;
    for (const { sender, fee, spends } of steps) {
      if (sender === funder) continue;
      this.#spend(sender, core.symbol, fee);
      for (const { symbol, units } of spends) this.#spend(sender, symbol, units);
    }
  }

  /** What each account lacks of an asset; those that lack nothing are left out. */
  missing(symbol: string): { readonly party: Party; readonly units: bigint }[] {
    return [...this.#units].flatMap(([party, units]) => {
      const lacks = (units.get(symbol) ?? 0n) - (party.balances.get(symbol) ?? 0n);
      return lacks > 0n ? [{ party, units: lacks }] : [];
    });
  }

  /** What an account has of an asset when all steps are done, of which `beyond` is what the scenario's balances do not say. */
  foreseen(party: Party, symbol: string): { readonly units: bigint; readonly beyond: bigint } {
    const target = this.#units.get(party)?.get(symbol) ?? 0n;
    const held = party.balances.get(symbol) ?? 0n;
    const spent = this.#spent.get(party)?.get(symbol) ?? 0n;
    const wanted = heldSymbols(this.#scene).has(symbol) ? wantedUnits(this.#scene, symbol) : 0n;
    return { units: (held > target ? held : target) - spent, beyond: target - spent - wanted };
  }

  #spend(party: Party, symbol: string, units: bigint): void {
    addTo(this.#spent, party, symbol, units);
    this.#add(party, symbol, units);
  }

  #add(party: Party, symbol: string, units: bigint): void {
    addTo(this.#units, party, symbol, units);
  }
}

function addTo(sums: Map<Party, Map<string, bigint>>, party: Party, symbol: string, units: bigint): void {
  const own = sums.get(party) ?? new Map<string, bigint>();
  sums.set(party, own.set(symbol, (own.get(symbol) ?? 0n) + units));
}

function heldSymbols({ options: { workload, wanted }, core }: Scene): Set<string> {
  const dealtIn = workload.mix.filter((entry) => entry.template !== null || !withoutHolding.has(entry.operation));
  const listed = wanted.balances.flatMap((balance) => parseAmountRange(balance)?.symbol ?? []);
  return new Set([core.symbol, ...dealtIn.flatMap(symbolsOf), ...listed]);
}

/** Of the core asset, from the funding account. */
export async function fundAccounts(scene: Scene, targets: Targets): Promise<Stage> {
  const { core } = scene;
  const missing = targets.missing(core.symbol);
  const steps = await Promise.all(missing.map(({ party, units }) => transferStep(scene, party, core.symbol, units)));
  return { name: "fund accounts", steps };
}

/** Of all other assets: issued where their issuer is one of us, otherwise from the funding account. */
export async function distributeAssets(scene: Scene, targets: Targets): Promise<Stage> {
  const steps: Promise<Step>[] = [];
  const lending = lendingSymbols(scene);
  for (const symbol of scene.assets.keys()) {
    const issuer = issuerOf(scene, symbol);
    // What is lent cannot be issued: the issuer has borrowed it, and passes it on.
    const isLent = lending.has(symbol);
    for (const { party, units } of targets.missing(symbol)) {
      if (isLent && party === issuer) continue;
      steps.push(
        issuer === null || isLent
          ? transferStep(scene, party, symbol, units, issuer ?? scene.funder)
          : issueStep(scene, { issuer, party, symbol, units }),
      );
    }
  }
  return { name: "distribute assets", steps: await Promise.all(steps) };
}

async function transferStep(
  scene: Scene,
  party: Party,
  symbol: string,
  units: bigint,
  sender: Party = scene.funder,
): Promise<Step> {
  const { core, assets, fees } = scene;
  const to = idOf(party);
  const asset = symbol === core.symbol ? core : assets.get(symbol);
  const from = idOf(sender);
  return {
    sender,
    operation: to === null || from === null || !asset ? null : transferOf(from, to, units, `1.3.${asset.instance}`),
    fee: await fees.of(transferOf("1.2.0", "1.2.1", 1n, "1.3.0")),
    spends: [{ symbol, units }],
  };
}

export function transferOf(from: string, to: string, units: bigint, assetId: string): Operation {
  return [transfer, { from, to, amount: { amount: units.toString(), asset_id: assetId }, extensions: [] }];
}

interface Issue {
  readonly issuer: Party;
  readonly party: Party;
  readonly symbol: string;
  readonly units: bigint;
}

async function issueStep({ assets, fees }: Scene, { issuer, party, symbol, units }: Issue): Promise<Step> {
  const [from, to, asset] = [idOf(issuer), idOf(party), assets.get(symbol)];
  return {
    sender: issuer,
    operation: from === null || to === null || !asset ? null : issueOf(from, to, units, `1.3.${asset.instance}`),
    fee: await fees.of(issueOf("1.2.0", "1.2.0", 1n, "1.3.1")),
    spends: [],
  };
}
