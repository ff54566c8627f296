import type { Survey, SurveyOptions } from "../../provisioning.ts";
import { noShortages } from "../../surveying/foresee-shortages.ts";
import { parseAmount } from "../find-core-token.ts";
import { HttpClient, ifAnswered } from "../http-client.ts";
import { systemAccount } from "../named-actions.ts";
import { delegationsAnswer } from "../node-answers.ts";
import { quantity, systemAction, tokenAction } from "./actions.ts";
import { lookAround, type Party, rowBytes, type Scene } from "./scene.ts";
import { type Step, signers } from "./step.ts";
import { toSurvey } from "./to-survey.ts";

const timeoutMs = 30_000;

/** Free RAM, all tokens, and what the funding account has staked. */
export async function surveyReturn(options: SurveyOptions): Promise<Survey> {
  const client = new HttpClient({ endpoint: options.endpoint, timeoutMs, signal: options.signal });
  try {
    const scene = await lookAround(client, options);
    const parties = scene.accounts.filter(({ answer }) => answer !== null);
    const unstakes = (await Promise.all(parties.map((party) => unstake(scene, party)))).flat();
    const stages = [
      { name: "sell free RAM", steps: parties.flatMap((party) => sellRam(scene, party)) },
      { name: "take back what accounts have staked", steps: parties.flatMap((party) => unstakeOwn(scene, party)) },
      { name: "return funds", steps: parties.flatMap((party) => returnTokens(scene, party)) },
      { name: "unstake", steps: unstakes },
    ];
    return { ...toSurvey(scene, stages, notesOf(parties, unstakes)), outlook: noShortages };
  } finally {
    await client.close();
  }
}

/**
 * The row of a balance that others have paid for becomes the account's own when it sends of it: until then that has room. So
 * has the row that the price of the RAM makes where there is none, which the seller pays for.
 */
function sellRam(scene: Scene, party: Party): Step[] {
  const { ram_quota: quota = -1, ram_usage: usage = 0 } = party.answer ?? {};
  const rows = scene.tokens.filter((token) => {
    const units = party.balances.get(token.symbol);
    return units === undefined ? token.symbol === scene.core.symbol : units > 0n;
  });
  const bytes = quota - usage - rows.length * rowBytes;
  if (quota < 0 || bytes <= 0 || !scene.system?.actions.has("sellram")) return [];
  const action = systemAction(scene, "sellram", signers(scene, party), { account: party.name, bytes });
  return [{ sender: party, actions: [action], spends: [] }];
}

function returnTokens(scene: Scene, party: Party): Step[] {
  return scene.tokens.flatMap((token): Step[] => {
    const units = party.balances.get(token.symbol) ?? 0n;
    if (units <= 0n) return [];
    const fields = { from: party.name, to: scene.funder.name, quantity: quantity(units, token), memo: "" };
    const action = tokenAction(scene, token, "transfer", signers(scene, party), fields);
    return [{ sender: party, actions: [action], spends: [{ symbol: token.symbol, units }] }];
  });
}

function unstakeOwn(scene: Scene, party: Party): Step[] {
  const { core, system } = scene;
  const { cpu_weight: cpuWeight, net_weight: netWeight } = party.answer?.self_delegated_bandwidth ?? {};
  const [cpu, net] = [unitsIn(cpuWeight), unitsIn(netWeight)];
  if (cpu + net === 0n || !system?.actions.has("undelegatebw")) return [];
  const fields = {
    ...{ from: party.name, receiver: party.name },
    ...{ unstake_net_quantity: quantity(net, core), unstake_cpu_quantity: quantity(cpu, core) },
  };
  return [{ sender: party, actions: [systemAction(scene, "undelegatebw", signers(scene, party), fields)], spends: [] }];
}

function unitsIn(weight: string | undefined): bigint {
  return BigInt(parseAmount(weight ?? "")?.units ?? 0);
}

async function unstake(scene: Scene, receiver: Party): Promise<Step[]> {
  const { funder, core, system } = scene;
  if (!system?.actions.has("undelegatebw")) return [];
  const { cpu, net } = await stakedFor(scene, receiver);
  if (cpu + net === 0n) return [];
  const fields = {
    ...{ from: funder.name, receiver: receiver.name },
    ...{ unstake_net_quantity: quantity(net, core), unstake_cpu_quantity: quantity(cpu, core) },
  };
  return [{ sender: funder, actions: [systemAction(scene, "undelegatebw", [funder], fields)], spends: [] }];
}

/** By the funding account; where the system contract keeps no such table, by all. */
async function stakedFor({ client, funder }: Scene, receiver: Party): Promise<{ cpu: bigint; net: bigint }> {
  const rows = {
    ...{ json: true, code: systemAccount, scope: funder.name, table: "delband", limit: 1 },
    ...{ lower_bound: receiver.name, upper_bound: receiver.name },
  };
  const told = await ifAnswered(client.call("get_table_rows", rows, delegationsAnswer));
  const weights = told === null ? receiver.answer?.total_resources : told.rows.find(({ to }) => to === receiver.name);
  return { cpu: unitsIn(weights?.cpu_weight), net: unitsIn(weights?.net_weight) };
}

function notesOf(parties: readonly Party[], unstakes: readonly Step[]): string[] {
  return [
    ...(parties.length === 0 ? [] : ["Accounts stay, and the RAM that they take up themselves cannot be sold."]),
    ...(unstakes.length === 0
      ? []
      : ["What is unstaked comes back after three days on most networks: claim it with eosio::refund."]),
  ];
}
