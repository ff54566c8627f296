import type { Outlook } from "../../provisioning.ts";
import { type ForeseenLine, foreseeShortages, wholeAmount } from "../../surveying/foresee-shortages.ts";
import type { AccountData, AntelopeData } from "../chain-data.ts";
import { type CostLine, costLines } from "../estimate-cost.ts";
import { fetchChainLimits } from "../fetch-chain-limits.ts";
import { parseAmount } from "../find-core-token.ts";
import { fetchAbis, toParameters } from "../resolve-chain.ts";
import { contractsOf, toEntries } from "../workload-needs.ts";
import { permissionRamBytes } from "./make-permissions.ts";
import { type Party, type Scene, wantedUnits } from "./scene.ts";
import type { Step } from "./step.ts";

/** Of an account with one key for everything: what nodes bill for it, its permissions and their keys. */
const accountRamBytes = 2996;
const kibibyte = 1024n;

export interface Foreseen {
  readonly outlook: Outlook;
  readonly notes: readonly string[];
  /** By account, what it still has to stake for itself, in smallest units of the core token. */
  readonly stakes: readonly { readonly cpu: bigint; readonly net: bigint }[];
}

/**
 * What the run will take of the accounts, out of the same figures as `resolve` and `cost` work with, before they are
 * there. Throws what `resolve` would throw of the workload.
 */
export async function foreseeRun(scene: Scene, permissions: readonly Step[]): Promise<Foreseen> {
  const { client, options, core, tokens, accounts, broadcastCall } = scene;
  const { workload, poolNeeds } = options;
  const names = accounts.map(({ name }) => name);
  const abis = await fetchAbis(client, contractsOf(workload.mix));
  const worth = { cpu: worthOfStake(scene, "cpu"), net: worthOfStake(scene, "net") };
  const data: AntelopeData = {
    ...{ broadcastCall, coreToken: core, tokens, abis },
    entries: toEntries(workload.mix, { coreToken: core, tokens, abis, accounts: names }),
    accounts: accounts
      .map((party) => foreseenAccount(scene, party, worth))
      .map((account, i) => ({
        ...account,
        ramBytes:
          account.ramBytes === null ? null : account.ramBytes - permissionBytesOf(accounts[i] as Party, permissions),
      })),
    parameters: toParameters(await fetchChainLimits(client)),
  };
  const resolved = {
    accounts: accounts.map((party) => ({
      ...{ name: party.name, id: party.name, privateKey: "" },
      balances: Object.fromEntries(tokens.map((token) => [token.symbol, String(foreseenUnits(scene, party, token))])),
    })),
    pools: [],
    data,
  };
  const all = costLines(resolved, workload, poolNeeds);
  const lines = all.flatMap((line): ForeseenLine[] =>
    isStaked(line) ? [] : [toForeseen(scene, { ...line, kind: line.kind as Limited }, { worth, permissions })],
  );
  const isUnknown = accounts.some(({ answer }) => answer === null) && scene.system?.actions.has("delegatebw") === true;
  const unknown = isUnknown ? (["cpu", "net"] as const).filter((kind) => worth[kind] === null) : [];
  return {
    outlook: foreseeShortages(names, lines),
    stakes: accounts.map((party, i) => ({
      cpu: lackingStake(all, "stakedCpu", i, ownStake(party, "cpu")),
      net: lackingStake(all, "stakedNet", i, ownStake(party, "net")),
    })),
    notes:
      unknown.length === 0
        ? []
        : ["What the stakes give in CPU time and NET is known only when one of the accounts is there."],
  };
}

/** Setup stakes what the run unstakes. */
function isStaked({ kind }: CostLine): boolean {
  return kind === "stakedCpu" || kind === "stakedNet";
}

function lackingStake(lines: readonly CostLine[], kind: CostLine["kind"], account: number, own: bigint): bigint {
  const needed = lines.find((line) => line.kind === kind)?.needed[account] ?? 0n;
  return needed > own ? needed - own : 0n;
}

function ownStake({ answer }: Party, kind: Staked): bigint {
  return BigInt(parseAmount(answer?.self_delegated_bandwidth?.[`${kind}_weight`] ?? "")?.units ?? 0);
}

function permissionBytesOf(party: Party, permissions: readonly Step[]): number {
  return permissions.filter(({ sender }) => sender === party).length * permissionRamBytes;
}

function foreseenUnits(scene: Scene, { balances }: Party, token: Scene["tokens"][number]): bigint {
  const wanted = wantedUnits(scene, token);
  const held = balances.get(token.symbol) ?? 0n;
  return held > wanted ? held : wanted;
}

type Staked = "cpu" | "net";
type Limited = Exclude<CostLine["kind"], "stakedCpu" | "stakedNet">;
/** What a smallest unit that is staked gives; null where no account shows it. */
type Worth = Readonly<Record<Staked, number | null>>;

/** As with those that have stakes already: the limit follows from an account's part of all stakes. */
function worthOfStake({ funder, accounts }: Scene, kind: Staked): number | null {
  for (const { answer } of [funder, ...accounts]) {
    const limit = answer?.[`${kind}_limit`].max ?? -1;
    const staked = stakedFor(answer, kind);
    if (limit > 0 && staked > 0n) return limit / Number(staked);
  }
  return null;
}

function stakedFor(answer: Party["answer"], kind: Staked): bigint {
  return BigInt(parseAmount(answer?.total_resources?.[`${kind}_weight`] ?? "")?.units ?? 0);
}

function foreseenAccount(scene: Scene, { answer, permission }: Party, worth: Worth): AccountData {
  const { resources, system } = scene;
  const limitOf = (kind: Staked, wanted: bigint): number | null => {
    const limit = answer?.[`${kind}_limit`];
    if (limit !== undefined && limit.max < 0) return null;
    if (!system?.actions.has("delegatebw")) return limit?.available ?? null;
    const each = worth[kind];
    const added = wanted - stakedFor(answer, kind);
    if (limit === undefined) return each === null ? null : Number(wanted) * each;
    return limit.available + (added > 0n ? Number(added) * (each ?? Number.POSITIVE_INFINITY) : 0);
  };
  const finite = (amount: number | null): number | null => (amount === Number.POSITIVE_INFINITY ? null : amount);
  return {
    permission,
    cpuMicros: finite(limitOf("cpu", resources.cpuUnits)),
    netBytes: finite(limitOf("net", resources.netUnits)),
    ramBytes: foreseenRam(scene, answer),
  };
}

function foreseenRam({ resources, system }: Scene, answer: Party["answer"]): number | null {
  if (answer !== null && answer.ram_quota < 0) return null;
  const isSold = system?.actions.has("buyram") === true;
  // Where nobody sells RAM, accounts that are made have no limit of it.
  if (answer === null) return isSold ? resources.ramBytes - accountRamBytes : null;
  return Math.max(answer.ram_quota, isSold ? resources.ramBytes : 0) - answer.ram_usage;
}

interface Setting {
  readonly worth: Worth;
  readonly permissions: readonly Step[];
}

function toForeseen(
  scene: Scene,
  line: CostLine & { readonly kind: Limited },
  { worth, permissions }: Setting,
): ForeseenLine {
  const { core, tokens, accounts, resources } = scene;
  const none = accounts.map(() => 0n);
  switch (line.kind) {
    case "token": {
      const token = tokens.find(({ symbol }) => symbol === line.asset) ?? core;
      return { ...line, setting: "balance", beyond: none, valueFor: (units) => wholeAmount(units, token) };
    }
    case "ram":
      return {
        ...line,
        setting: "resources.ram",
        beyond: accounts.map(
          (party) => -BigInt((party.answer?.ram_usage ?? accountRamBytes) + permissionBytesOf(party, permissions)),
        ),
        valueFor: (bytes) => `${(bytes + kibibyte - 1n) / kibibyte} KiB`,
      };
    default: {
      const { kind } = line;
      const each = worth[kind] ?? 1;
      const wanted = kind === "cpu" ? resources.cpuUnits : resources.netUnits;
      const stakeFor = (amount: bigint): bigint => BigInt(Math.ceil(Number(amount) / each));
      // What is used up already comes back only within a day.
      const beyond = line.available.map((there) => (there ?? 0n) - BigInt(Math.floor(Number(wanted) * each)));
      return {
        ...line,
        setting: `resources.${kind}`,
        beyond,
        valueFor: (amount) => wholeAmount(stakeFor(amount), core),
      };
    }
  }
}
