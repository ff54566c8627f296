import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { z } from "zod";
import { AppError } from "../../../errors/app-error.ts";
import { waitUntil } from "../../../time/wait.ts";
import type { BootOptions } from "../../node-networks.ts";
import { type Abi, ContractTypes, encodeAbi } from "../abi.ts";
import { fetchReference } from "../fetch-reference.ts";
import { HttpClient, ifAnswered } from "../http-client.ts";
import { privateKeyBytes, publicKeyText } from "../keys.ts";
import {
  accountAnswer,
  currencyStatsAnswer,
  infoAnswer,
  producerScheduleAnswer,
  ramMarketAnswer,
} from "../node-answers.ts";
import { bodyToJson } from "../packed-body.ts";
import { actionOf, newAccount, quantity } from "../setup/actions.ts";
import { packActions } from "../setup/pack-steps.ts";
import { largestSupply } from "../setup/scene.ts";
import type { ActionCall, Actor } from "../setup/step.ts";
import { systemAccount } from "./node-files.ts";
import { laterFeatures, preactivateFeature } from "./protocol-features.ts";

/** What is to be there in the end; written when the network is founded. */
const bootPlanSchema = z.object({
  producers: z.array(z.object({ name: z.string(), publicKey: z.string() })).min(1),
  core: z.object({ symbol: z.string(), precision: z.number().int() }),
});

export type BootPlan = z.output<typeof bootPlanSchema>;

const timeoutMs = 30_000;
const readyTimeoutMs = 120_000;
/** A new schedule takes effect only after the block that proposed it is irreversible. */
const changedTimeoutMs = 90_000;
const expirationSeconds = 60;
const tokenAccount = "eosio.token";
/** Accounts that the system contract pays to and from. */
const systemAccounts = [
  ...["eosio.bpay", "eosio.msig", "eosio.names", "eosio.ram", "eosio.ramfee", "eosio.rex", "eosio.saving"],
  ...["eosio.stake", tokenAccount, "eosio.vpay"],
];
/** Creating one bills about a millisecond, and a transaction may be billed a hundred. */
const accountsPerTransaction = 8;
/**
 * Whole core tokens, as many as EOS began with. The system contract's first price of RAM follows from them, and they must
 * be there before it starts; more are issued when they are needed.
 */
const firstSupply = 1_000_000_000n;

/**
 * From an empty chain to one on which accounts can be made: protocol features, the core token, the schedule of producers, and
 * the system contract. The contracts are those that Spring publishes with its sources.
 */
export async function bootNetwork(given: BootOptions): Promise<void> {
  // Many calls are under way at once, each listening for an abort: that is no leak.
  const signal = AbortSignal.any([given.signal]);
  setMaxListeners(0, signal);
  const options = { ...given, signal };
  const plan = bootPlanSchema.parse(options.bootPlan);
  const client = new HttpClient({ endpoint: options.endpoint, timeoutMs, signal: options.signal });
  try {
    const boot = new Boot(client, plan, options, await loadContracts(options));
    await boot.waitForBlocks();
    await boot.activateFeatures();
    await boot.createSystemAccounts();
    await boot.createToken();
    await boot.setProducers();
    await boot.installSystem();
  } finally {
    await client.close();
  }
}

const contractNames = ["eosio.boot", "eosio.bios", "eosio.token", "eosio.system"] as const;
type ContractName = (typeof contractNames)[number];

interface Contract {
  readonly code: Uint8Array;
  readonly codeHash: string;
  readonly rawAbi: Uint8Array;
  readonly types: ContractTypes;
}

type Contracts = Readonly<Record<ContractName, Contract>>;

async function loadContracts({ readAsset }: BootOptions): Promise<Contracts> {
  const loaded = await Promise.all(
    contractNames.map(async (name) => {
      const [code, abi] = await Promise.all([readAsset(`${name}.wasm`), readAsset(`${name}.abi`)]);
      if (code === null || abi === null) {
        throw new AppError("USAGE", "an Antelope network needs the published contracts", {
          hint: "get them with docker/antelope/contracts.sh FOLDER, and say --contracts FOLDER",
        });
      }
      const rawAbi = encodeAbi(JSON.parse(Buffer.from(abi).toString("utf8")) as Abi);
      const types = new ContractTypes({ raw: Buffer.from(rawAbi).toString("hex") });
      return [name, { code, codeHash: createHash("sha256").update(code).digest("hex"), rawAbi, types }] as const;
    }),
  );
  return Object.fromEntries(loaded) as unknown as Contracts;
}

const featuresAnswer = z.object({ activated_protocol_features: z.array(z.object({ feature_digest: z.string() })) });
const codeHashAnswer = z.object({ code_hash: z.string() });

class Boot {
  readonly #client: HttpClient;
  readonly #plan: BootPlan;
  readonly #options: BootOptions;
  readonly #contracts: Contracts;
  readonly #system: Actor & { readonly publicKey: string };

  constructor(client: HttpClient, plan: BootPlan, options: BootOptions, contracts: Contracts) {
    this.#client = client;
    this.#plan = plan;
    this.#options = options;
    this.#contracts = contracts;
    const { name, privateKey: text } = options.funder;
    const privateKey = privateKeyBytes(text, name);
    this.#system = { name, privateKey, permission: "active", publicKey: publicKeyText(privateKey) };
  }

  async waitForBlocks(): Promise<void> {
    const { endpoint, chainId: expected, tell } = this.#options;
    tell(`waiting for blocks of ${endpoint}`);
    let chainId: string | null = null;
    await this.#until(`blocks of ${endpoint}`, readyTimeoutMs, async () => {
      const info = await ifReached(this.#client.call("get_info", {}, infoAnswer));
      chainId = info?.chain_id ?? null;
      return info !== null && info.last_irreversible_block_num > 1;
    });
    if (chainId === expected) return;
    throw new AppError("NETWORK_MISMATCH", `${endpoint} is a node of another network`, {
      problems: [{ path: endpoint, value: String(chainId), expected: `expected chain ${expected}` }],
    });
  }

  /** The first by the node itself, which lets contracts ask for all others. */
  async activateFeatures(): Promise<void> {
    const { tell, endpoint } = this.#options;
    const active = await this.#activeFeatures();
    if (!active.has(preactivateFeature)) {
      tell("activating protocol features");
      await this.#client.post("/v1/producer/schedule_protocol_feature_activations", {
        protocol_features_to_activate: [preactivateFeature],
      });
      await this.#until(`protocol features of ${endpoint}`, changedTimeoutMs, async () =>
        (await this.#activeFeatures()).has(preactivateFeature),
      );
    }
    const missing = laterFeatures.filter((digest) => !active.has(digest));
    if (missing.length === 0) return;
    await this.#setContract(systemAccount, "eosio.boot");
    await this.#send(
      missing.map((feature_digest) => this.#act("eosio.boot", systemAccount, "activate", { feature_digest })),
    );
    await this.#until("protocol features", changedTimeoutMs, async () => {
      const now = await this.#activeFeatures();
      return missing.every((digest) => now.has(digest));
    });
  }

  async createSystemAccounts(): Promise<void> {
    const { publicKey } = this.#system;
    const wanted = [...systemAccounts.map((name) => ({ name, publicKey })), ...this.#plan.producers];
    const missing = await this.#missingAccounts(wanted);
    if (missing.length === 0) return;
    this.#options.tell(`creating ${missing.length} accounts of the network itself`);
    for (let i = 0; i < missing.length; i += accountsPerTransaction) {
      await this.#send(
        missing.slice(i, i + accountsPerTransaction).map((account) => newAccount(this.#system, account)),
      );
    }
    await this.#untilAccounts(wanted);
  }

  /** Issued to the system account, which pays for whatever is made later. */
  async createToken(): Promise<void> {
    await this.#setContract(tokenAccount, "eosio.token");
    const { core } = this.#plan;
    const isThere = async (): Promise<boolean> => {
      const argument = { code: tokenAccount, symbol: core.symbol };
      return core.symbol in (await this.#client.call("get_currency_stats", argument, currencyStatsAnswer));
    };
    if (await isThere()) return;
    this.#options.tell(`creating ${core.symbol}`);
    const wanted = firstSupply * 10n ** BigInt(core.precision);
    const issued = quantity(wanted < largestSupply ? wanted : largestSupply, core);
    const data = { issuer: systemAccount, maximum_supply: quantity(largestSupply, core) };
    await this.#send([
      this.#act("eosio.token", tokenAccount, "create", data, tokenAccount),
      this.#act("eosio.token", tokenAccount, "issue", { to: systemAccount, quantity: issued, memo: "" }),
    ]);
    await this.#until(core.symbol, changedTimeoutMs, isThere);
  }

  /** By the contract that just sets them: an election takes votes that are worth a sixth of all tokens. */
  async setProducers(): Promise<void> {
    const wanted = this.#plan.producers.map(({ name }) => name);
    if (isSame(await this.#producers(), wanted)) return;
    this.#options.tell(`handing over to ${wanted.length} producers`);
    await this.#setContract(systemAccount, "eosio.bios");
    const schedule = this.#plan.producers.map(({ name, publicKey }) => ({
      producer_name: name,
      authority: ["block_signing_authority_v0", { threshold: 1, keys: [{ key: publicKey, weight: 1 }] }],
    }));
    await this.#send([this.#act("eosio.bios", systemAccount, "setprods", { schedule })]);
    await this.#until("the producers", changedTimeoutMs, async () => isSame(await this.#producers(), wanted));
  }

  async installSystem(): Promise<void> {
    await this.#setContract(systemAccount, "eosio.system");
    const { core } = this.#plan;
    if (await this.#hasMarket()) return;
    this.#options.tell("starting the system contract");
    const data = { version: 0, core: `${core.precision},${core.symbol}` };
    await this.#send([this.#act("eosio.system", systemAccount, "init", data)]);
    await this.#until("the RAM market", changedTimeoutMs, () => this.#hasMarket());
  }

  async #setContract(account: string, name: ContractName): Promise<void> {
    const { code, codeHash, rawAbi } = this.#contracts[name];
    const current = async () =>
      (await this.#client.call("get_code_hash", { account_name: account }, codeHashAnswer)).code_hash;
    const present = await current();
    // What comes later than this one is there already.
    const later = contractNames.slice(contractNames.indexOf(name)).map((other) => this.#contracts[other].codeHash);
    if (later.includes(present)) return;
    this.#options.tell(`setting ${name} as the contract of ${account}`);
    // Native actions, which every contract's interface repeats.
    await this.#send([
      this.#act(
        "eosio.boot",
        systemAccount,
        "setcode",
        { account, vmtype: 0, vmversion: 0, code: Buffer.from(code).toString("hex") },
        account,
      ),
      this.#act("eosio.boot", systemAccount, "setabi", { account, abi: Buffer.from(rawAbi).toString("hex") }, account),
    ]);
    await this.#until(`${name} at ${account}`, changedTimeoutMs, async () => (await current()) === codeHash);
  }

  #act(contract: ContractName, account: string, action: string, fields: object, actor = systemAccount): ActionCall {
    const actors = [{ ...this.#system, name: actor }];
    return actionOf(this.#contracts[contract].types, { contract: account, action, actors, fields: { ...fields } });
  }

  async #send(actions: readonly ActionCall[]): Promise<void> {
    const { endpoint, chainId, signal } = this.#options;
    const reference = await fetchReference(endpoint, signal);
    const { body } = packActions(actions, {
      ...{ chainId, reference },
      expirationSeconds: Math.ceil(reference.chainTimeMs / 1000) + expirationSeconds,
    });
    const call = "send_transaction";
    await this.#client.call(call, JSON.parse(bodyToJson(body, call)), z.object({ transaction_id: z.string() }));
  }

  async #activeFeatures(): Promise<ReadonlySet<string>> {
    const argument = { limit: 100 };
    const answer = await this.#client.call("get_activated_protocol_features", argument, featuresAnswer);
    return new Set(answer.activated_protocol_features.map(({ feature_digest }) => feature_digest));
  }

  async #producers(): Promise<string[]> {
    const { active } = await this.#client.call("get_producer_schedule", {}, producerScheduleAnswer);
    return active.producers.map(({ producer_name }) => producer_name);
  }

  async #hasMarket(): Promise<boolean> {
    const table = { json: true, code: systemAccount, scope: systemAccount, table: "rammarket", limit: 1 };
    const answer = await ifAnswered(this.#client.call("get_table_rows", table, ramMarketAnswer));
    return (answer?.rows.length ?? 0) > 0;
  }

  async #missingAccounts<T extends { readonly name: string }>(accounts: readonly T[]): Promise<T[]> {
    const found = await Promise.all(
      accounts.map(({ name }) => ifAnswered(this.#client.call("get_account", { account_name: name }, accountAnswer))),
    );
    return accounts.filter((_, i) => found[i] === null);
  }

  async #untilAccounts(accounts: readonly { readonly name: string }[]): Promise<void> {
    await this.#until("accounts", changedTimeoutMs, async () => (await this.#missingAccounts(accounts)).length === 0);
  }

  async #until(what: string, withinMs: number, condition: () => Promise<boolean>): Promise<void> {
    const { endpoint, signal } = this.#options;
    await waitUntil(condition, {
      timeoutMs: withinMs,
      everyMs: 250,
      signal,
      onTimeout: () =>
        new AppError("NETWORK_NOT_READY", `${endpoint}: ${what} did not come within ${withinMs / 1000} s`),
    });
  }
}

/** Null while there is no answer at all: a node that has just been started. */
async function ifReached<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if ((error as { code?: unknown }).code === "NETWORK_UNREACHABLE") return null;
    throw error;
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join() === [...b].sort().join();
}
