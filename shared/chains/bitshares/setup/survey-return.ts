import type { Survey, SurveyOptions } from "../../provisioning.ts";
import { noShortages } from "../../surveying/foresee-shortages.ts";
import { ordersOf } from "../find-orders.ts";
import { RpcClient } from "../rpc-client.ts";
import { issuerOf } from "./create-assets.ts";
import type { Operation } from "./fee-table.ts";
import { transferOf } from "./fund-accounts.ts";
import { lookAround, type Party, type Scene } from "./scene.ts";
import { idOf, type Stage, type Step } from "./step.ts";
import { toSurvey } from "./to-survey.ts";

const timeoutMs = 30_000;
const limitOrderCancel = 2;

/** What accounts hold and what lies in their open orders, less the fees of bringing it back. */
export async function surveyReturn(options: SurveyOptions): Promise<Survey> {
  const client = await RpcClient.connect({ endpoint: options.endpoint, timeoutMs, signal: options.signal });
  try {
    const scene = await lookAround(client, options);
    const parties = [...scene.accounts, ...scene.basics].filter(({ answer }) => answer !== null);
    const cancels = await cancelOrders(scene, parties);
    const assets = await returnAssets(scene, parties);
    const funds = await returnFunds(scene, parties, [...cancels.steps, ...assets.steps]);
    return { ...toSurvey(scene, [cancels, assets, funds], notesOf(scene, parties)), outlook: noShortages };
  } finally {
    client.close();
  }
}

async function cancelOrders({ client, fees, core }: Scene, parties: readonly Party[]): Promise<Stage> {
  const listed = parties.map((party, owner) => ordersOf(client, idOf(party) as string, owner));
  const orders = (await Promise.all(listed)).flat();
  const fee = await fees.of(cancelOf("1.2.0", "1.7.0"));
  const left = new Map(parties.map((party) => [party, party.balances.get(core.symbol) ?? 0n]));
  const steps = orders.flatMap(({ instance, owner }): Step[] => {
    const sender = parties[owner] as Party;
    const rest = (left.get(sender) ?? 0n) - fee;
    // What it cannot pay for now it may be able to pay for out of what the others give back.
    if (rest < 0n) return [];
    left.set(sender, rest);
    return [{ sender, operation: cancelOf(idOf(sender) as string, `1.7.${instance}`), fee, spends: [] }];
  });
  return { name: "cancel open orders", steps };
}

function cancelOf(payer: string, order: string): Operation {
  return [limitOrderCancel, { fee_paying_account: payer, order, extensions: [] }];
}

/** Those of other issuers; what the accounts have issued themselves is worth nothing without them. */
async function returnAssets(scene: Scene, parties: readonly Party[]): Promise<Stage> {
  const { assets, funder, core } = scene;
  const steps: Step[] = [];
  const fee = await transferFee(scene);
  for (const [symbol, asset] of assets) {
    const issuer = asset === null ? null : issuerOf(scene, symbol);
    if (asset === null || (issuer !== null && issuer !== funder)) continue;
    for (const sender of parties) {
      const units = sender.balances.get(symbol) ?? 0n;
      if (units === 0n || (sender.balances.get(core.symbol) ?? 0n) < fee) continue;
      const operation = transferOf(idOf(sender) as string, idOf(funder) as string, units, `1.3.${asset.instance}`);
      steps.push({ sender, operation, fee, spends: [{ symbol, units }] });
    }
  }
  return { name: "return assets", steps };
}

async function returnFunds(scene: Scene, parties: readonly Party[], before: readonly Step[]): Promise<Stage> {
  const { core, funder } = scene;
  const fee = await transferFee(scene);
  const paid = new Map<Party, bigint>();
  for (const step of before) paid.set(step.sender, (paid.get(step.sender) ?? 0n) + step.fee);
  const steps = parties.flatMap((sender): Step[] => {
    const units = (sender.balances.get(core.symbol) ?? 0n) - (paid.get(sender) ?? 0n) - fee;
    if (units <= 0n) return [];
    const operation = transferOf(idOf(sender) as string, idOf(funder) as string, units, "1.3.0");
    return [{ sender, operation, fee, spends: [{ symbol: core.symbol, units }] }];
  });
  return { name: "return funds", steps };
}

function transferFee({ fees, funder }: Scene): Promise<bigint> {
  return fees.of(transferOf(idOf(funder) as string, "1.2.0", 1n, "1.3.0"));
}

function notesOf(scene: Scene, parties: readonly Party[]): string[] {
  const own = [...scene.assets].flatMap(([symbol, asset]) => {
    const issuer = asset === null ? null : issuerOf(scene, symbol);
    return issuer === null || issuer === scene.funder ? [] : [symbol];
  });
  return [
    ...(parties.length === 0 ? [] : ["Fees, registrations and memberships are paid for good, and accounts stay."]),
    ...(own.length === 0
      ? []
      : [`${own.join(", ")} ${own.length === 1 ? "is" : "are"} issued by the accounts: nothing of it goes back.`]),
  ];
}
