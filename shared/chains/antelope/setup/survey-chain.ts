import { AppError } from "../../../errors/app-error.ts";
import type { Survey, SurveyOptions } from "../../provisioning.ts";
import { parseAmount } from "../find-core-token.ts";
import { HttpClient } from "../http-client.ts";
import { findAccount, permissionOf } from "../resolve-chain.ts";
import { newAccount, quantity, systemAction, tokenAction } from "./actions.ts";
import { type Foreseen, foreseeRun } from "./foresee-run.ts";
import { makePermissions } from "./make-permissions.ts";
import { largestSupply, lookAround, type Party, rowBytes, type Scene, type TokenState, wantedUnits } from "./scene.ts";
import { type ActionCall, type Step, signers } from "./step.ts";
import { toSurvey } from "./to-survey.ts";

const timeoutMs = 30_000;
/** The market's fee of half a percent, and room for its price to rise while others buy too. */
const pricePermille = 1015n;
/** What was bought at a price that had risen is enough when hardly anything lacks. */
const enoughPercent = 98;

export async function surveyChain(options: SurveyOptions): Promise<Survey> {
  const client = new HttpClient({ endpoint: options.endpoint, timeoutMs, signal: options.signal });
  try {
    const scene = await lookAround(client, options);
    const registered = registerAccounts(scene);
    const resources = topUpResources(scene);
    const permissions = makePermissions(scene);
    const { outlook, notes, stakes } = await foreseeRun(scene, permissions);
    const funded = scene.tokens.map((token) => fundAccounts(scene, token, stakes));
    const steps = funded.flatMap((one) => one.steps);
    const own = fundersRam(scene, funded);
    const paid = [...own, ...registered, ...resources, ...steps];
    const issued = await Promise.all(scene.tokens.map((token) => supplyToken(scene, token, unitsOf(paid, token))));
    const stages = [
      { name: "buy RAM for the funding account", steps: own },
      { name: "create tokens", steps: issued.flatMap(({ created }) => created) },
      { name: "issue tokens", steps: issued.flatMap(({ issues }) => issues) },
      { name: "register accounts with RAM and stakes", steps: registered },
      { name: "buy RAM and stake", steps: resources },
      { name: "fund accounts", steps },
      { name: "stake what will be unstaked", steps: stakeOwn(scene, stakes) },
      { name: "make permissions", steps: permissions },
    ];
    return { ...toSurvey(scene, stages, notes), outlook };
  } finally {
    await client.close();
  }
}

/** Each with its resources in one transaction: networks with a system contract take no account without RAM. */
function registerAccounts(scene: Scene): Step[] {
  const { accounts, funder, resources } = scene;
  return accounts
    .filter(({ answer }) => answer === null)
    .map((party) => {
      const bought = ramFor(scene, party, BigInt(resources.ramBytes));
      const staked = stakeFor(scene, party, resources.cpuUnits, resources.netUnits);
      return stepOf(scene, funder, [{ action: newAccount(funder, party), units: 0n }, ...bought, ...staked]);
    });
}

function topUpResources(scene: Scene): Step[] {
  const { accounts, funder, resources } = scene;
  return accounts.flatMap((party): Step[] => {
    const { answer } = party;
    if (answer === null) return [];
    const { ram_quota: quota, total_resources: staked, self_delegated_bandwidth: own } = answer;
    const lacksRam = quota >= 0 && quota * 100 < resources.ramBytes * enoughPercent;
    // What it has staked for itself is there to be unstaked.
    const lacking = (max: number, wanted: bigint, weight?: string, ownWeight?: string): bigint => {
      const lacks = wanted + unitsIn(ownWeight) - unitsIn(weight);
      return max < 0 || lacks < 0n ? 0n : lacks;
    };
    const parts = [
      ...(lacksRam ? ramFor(scene, party, BigInt(resources.ramBytes - quota)) : []),
      ...stakeFor(
        scene,
        party,
        lacking(answer.cpu_limit.max, resources.cpuUnits, staked?.cpu_weight, own?.cpu_weight),
        lacking(answer.net_limit.max, resources.netUnits, staked?.net_weight, own?.net_weight),
      ),
    ];
    return parts.length === 0 ? [] : [stepOf(scene, funder, parts)];
  });
}

function unitsIn(weight = ""): bigint {
  return BigInt(parseAmount(weight)?.units ?? 0);
}

interface Part {
  readonly action: ActionCall;
  /** Of the core token. */
  readonly units: bigint;
}

function stepOf({ core }: Scene, sender: Party, parts: readonly Part[]): Step {
  const units = parts.reduce((sum, part) => sum + part.units, 0n);
  return {
    sender,
    actions: parts.map(({ action }) => action),
    spends: units === 0n ? [] : [{ symbol: core.symbol, units }],
  };
}

/** For an amount of tokens and not of bytes, so that what is paid is known beforehand. */
function ramFor(scene: Scene, receiver: Party, bytes: bigint): Part[] {
  const { funder, system, ramMarket, core } = scene;
  if (!system?.actions.has("buyram")) return [];
  if (ramMarket === null)
    throw new AppError("RESOURCES_MISSING", "the network sells RAM, but its market cannot be read");
  const { base, quote } = ramMarket;
  const price = (quote * bytes) / (base - bytes) + 1n;
  const units = (price * pricePermille) / 1000n + 1n;
  const fields = { payer: funder.name, receiver: receiver.name, quant: quantity(units, core) };
  return [{ action: systemAction(scene, "buyram", [funder], fields), units }];
}

function stakeFor(scene: Scene, receiver: Party, cpu: bigint, net: bigint): Part[] {
  const { funder, system, core } = scene;
  if (cpu + net === 0n || !system?.actions.has("delegatebw")) return [];
  const fields = {
    ...{ from: funder.name, receiver: receiver.name, transfer: false },
    ...{ stake_net_quantity: quantity(net, core), stake_cpu_quantity: quantity(cpu, core) },
  };
  return [{ action: systemAction(scene, "delegatebw", [funder], fields), units: cpu + net }];
}

/** What these steps take of a token. */
function unitsOf(steps: readonly Step[], { symbol }: TokenState): bigint {
  const spent = steps.flatMap(({ spends }) => spends.filter((amount) => amount.symbol === symbol));
  return spent.reduce((sum, { units }) => sum + units, 0n);
}

interface Funding {
  readonly steps: readonly Step[];
  /** Accounts that have nothing of the token yet. */
  readonly rows: number;
}

function fundAccounts(scene: Scene, token: TokenState, stakes: Foreseen["stakes"]): Funding {
  const { accounts, funder, core } = scene;
  const wanted = wantedUnits(scene, token);
  const stakeOf = (i: number): bigint => (token.symbol === core.symbol ? stakedUnits(stakes[i]) : 0n);
  const lacking = accounts
    .map((party, i) => ({ party, units: wanted + stakeOf(i) - (party.balances.get(token.symbol) ?? 0n) }))
    .filter(({ units }) => units > 0n);
  const steps = lacking.map(({ party, units }): Step => {
    const fields = { from: funder.name, to: party.name, quantity: quantity(units, token), memo: "" };
    const isReady = party.answer !== null && token.issuer !== null;
    return {
      sender: funder,
      actions: isReady ? [tokenAction(scene, token, "transfer", [funder], fields)] : null,
      spends: [{ symbol: token.symbol, units }],
    };
  });
  const rows = lacking.filter(({ party }) => (party.balances.get(token.symbol) ?? 0n) === 0n).length;
  return { steps, rows };
}

/** What the run unstakes is what accounts have staked for themselves; the funding account's stakes are its own. */
function stakeOwn(scene: Scene, stakes: Foreseen["stakes"]): Step[] {
  const { accounts, core } = scene;
  return accounts.flatMap((party, i): Step[] => {
    const units = stakedUnits(stakes[i]);
    if (units === 0n) return [];
    const { cpu, net } = stakes[i] as Foreseen["stakes"][number];
    const fields = {
      ...{ from: party.name, receiver: party.name, transfer: false },
      ...{ stake_net_quantity: quantity(net, core), stake_cpu_quantity: quantity(cpu, core) },
    };
    const isReady = party.answer !== null;
    const actions = isReady ? [systemAction(scene, "delegatebw", signers(scene, party), fields)] : null;
    return [{ sender: party, actions, spends: [{ symbol: core.symbol, units }] }];
  });
}

function stakedUnits(stake: Foreseen["stakes"][number] | undefined): bigint {
  return stake === undefined ? 0n : stake.cpu + stake.net;
}

/** What the funding account lacks of a token, where it may issue it or make it. */
async function supplyToken(
  scene: Scene,
  token: TokenState,
  needed: bigint,
): Promise<{ readonly created: readonly Step[]; readonly issues: readonly Step[] }> {
  const { funder } = scene;
  const lacks = needed - (funder.balances.get(token.symbol) ?? 0n);
  const created = token.issuer === null && needed > 0n ? [await createToken(scene, token)] : [];
  const mayIssue = (token.issuer ?? funder.name) === funder.name && lacks <= token.issuable;
  if (lacks <= 0n || !mayIssue) return { created, issues: [] };
  const fields = { to: funder.name, quantity: quantity(lacks, token), memo: "" };
  const issue: Step = {
    sender: funder,
    actions: token.issuer === null ? null : [tokenAction(scene, token, "issue", [funder], fields)],
    spends: [],
    gains: [{ symbol: token.symbol, units: lacks }],
  };
  return { created, issues: [issue] };
}

/** Only whoever holds the contract's account may make a token of it: on networks of one's own that is often one key. */
async function createToken(scene: Scene, token: TokenState): Promise<Step> {
  const { client, funder, options } = scene;
  const answer = await findAccount(client, token.contract);
  const permission = answer && permissionOf({ ...options.funder, name: token.contract }, answer);
  if (permission === null) {
    const expected = `expected a token of ${token.contract} on the chain; ${funder.name} has no key to create it with`;
    const problems = [{ path: token.symbol, expected }];
    throw new AppError("RESOURCES_MISSING", "the chain lacks tokens that the workload uses", { problems });
  }
  const contract: Party = { ...funder, name: token.contract, permission };
  const fields = { issuer: funder.name, maximum_supply: quantity(largestSupply, token) };
  return { sender: funder, actions: [tokenAction(scene, token, "create", [contract], fields)], spends: [] };
}

/** The rows of the balances that it sends are its own. */
function fundersRam(scene: Scene, funded: readonly Funding[]): Step[] {
  const { answer } = scene.funder;
  const needed = funded.reduce((sum, { rows }) => sum + rows, 0) * rowBytes;
  if (answer === null || answer.ram_quota < 0 || needed === 0) return [];
  const lacks = needed - (answer.ram_quota - answer.ram_usage);
  const parts = lacks > 0 ? ramFor(scene, scene.funder, BigInt(lacks)) : [];
  return parts.length === 0 ? [] : [stepOf(scene, scene.funder, parts)];
}
