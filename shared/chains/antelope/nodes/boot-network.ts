import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { Serialize } from "eosjs";
import { z } from "zod";
import { AppError } from "../../../errors/app-error.ts";
import { waitUntil } from "../../../time/wait.ts";
import type { BootOptions } from "../../node-networks.ts";
import { CanonicalSigner, signatureBytes } from "../../signing/canonical-signer.ts";
import { type Abi, ContractTypes, encodeAbi, serializeAs } from "../abi.ts";
import { fetchReference } from "../fetch-reference.ts";
import { HttpClient, ifAnswered } from "../http-client.ts";
import { privateKeyBytes } from "../keys.ts";
import {
  accountAnswer,
  currencyStatsAnswer,
  infoAnswer,
  producerScheduleAnswer,
  ramMarketAnswer,
} from "../node-answers.ts";
import { placeSignatureText, signatureTextBytes } from "../signature-text.ts";
import { systemAccount } from "./node-files.ts";
import { laterFeatures, preactivateFeature } from "./protocol-features.ts";

const amountText = z.string().regex(/^\d+$/);

/** What is to be there in the end; written when the network is founded. */
export const bootPlanSchema = z.object({
  chainId: z.string(),
  /** The account that owns the network. */
  system: z.object({ name: z.string(), publicKey: z.string(), privateKey: z.string() }),
  producers: z.array(z.object({ name: z.string(), publicKey: z.string() })).min(1),
  accounts: z.array(z.object({ name: z.string(), publicKey: z.string(), balances: z.record(z.string(), amountText) })),
  /** The first is the core token. */
  tokens: z.array(z.object({ symbol: z.string(), precision: z.number().int(), maxSupply: amountText })).min(1),
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
/** For each account: its rows of tokens need a few hundred bytes. */
const ramBytes = 65_536;
/** Core tokens that each account stakes for CPU and for NET: what counts is that all have as much. */
const staked = 100n;
/** What RAM of an account costs at the start is less than one core token for every gigabyte of supply. */
const ramAllowance = 100n;

interface Action {
  readonly account: string;
  readonly name: string;
  readonly data: Uint8Array;
  /** The system account if it is not named. */
  readonly actor?: string;
}

/**
 * From an empty chain to one that runs can use: protocol features, the schedule of producers, tokens, the system contract,
 * and accounts with resources and funds. The contracts are those that Spring publishes with its sources.
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
    await boot.createTokens();
    await boot.setProducers();
    await boot.installSystem();
    await boot.createAccounts();
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
  readonly #key: Buffer;

  constructor(client: HttpClient, plan: BootPlan, options: BootOptions, contracts: Contracts) {
    this.#client = client;
    this.#plan = plan;
    this.#options = options;
    this.#contracts = contracts;
    this.#key = privateKeyBytes(plan.system.privateKey, plan.system.name);
  }

  async waitForBlocks(): Promise<void> {
    const { endpoint, tell } = this.#options;
    tell(`waiting for blocks of ${endpoint}`);
    let chainId: string | null = null;
    await this.#until(`blocks of ${endpoint}`, readyTimeoutMs, async () => {
      const info = await ifReached(this.#client.call("get_info", {}, infoAnswer));
      chainId = info?.chain_id ?? null;
      return info !== null && info.last_irreversible_block_num > 1;
    });
    if (chainId === this.#plan.chainId) return;
    throw new AppError("NETWORK_MISMATCH", `${endpoint} is a node of another network`, {
      problems: [{ path: endpoint, value: String(chainId), expected: `expected chain ${this.#plan.chainId}` }],
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
    const { publicKey } = this.#plan.system;
    const wanted = [...systemAccounts.map((name) => ({ name, publicKey })), ...this.#plan.producers];
    const missing = await this.#missingAccounts(wanted);
    if (missing.length === 0) return;
    this.#options.tell(`creating ${missing.length} accounts of the network itself`);
    await this.#inBatches(missing, (account) => [this.#newAccount("eosio.boot", account)]);
    await this.#untilAccounts(wanted);
  }

  /** Issued to the system account, which then pays: what accounts get, stake and spend on RAM. */
  async createTokens(): Promise<void> {
    await this.#setContract(tokenAccount, "eosio.token");
    for (const [i, { symbol, precision, maxSupply }] of this.#plan.tokens.entries()) {
      const stats = await this.#client.call("get_currency_stats", { code: tokenAccount, symbol }, currencyStatsAnswer);
      if (stats[symbol] !== undefined) continue;
      this.#options.tell(`creating ${symbol}`);
      const perUnit = 10n ** BigInt(precision);
      const each = i === 0 ? (2n * staked + ramAllowance) * perUnit : 0n;
      const supply = this.#plan.accounts.reduce((sum, { balances }) => sum + BigInt(balances[symbol] ?? 0) + each, 0n);
      const maximum = BigInt(maxSupply);
      const issued = supply * 2n < maximum ? supply * 2n : maximum;
      const data = { issuer: systemAccount, maximum_supply: assetText(maximum, precision, symbol) };
      await this.#send([
        this.#act("eosio.token", tokenAccount, "create", data, tokenAccount),
        this.#act("eosio.token", tokenAccount, "issue", {
          to: systemAccount,
          quantity: assetText(issued, precision, symbol),
          memo: "",
        }),
      ]);
      await this.#until(symbol, changedTimeoutMs, async () => {
        const now = await this.#client.call("get_currency_stats", { code: tokenAccount, symbol }, currencyStatsAnswer);
        return now[symbol] !== undefined;
      });
    }
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
    const [core] = this.#plan.tokens;
    if (core === undefined || (await this.#hasMarket())) return;
    this.#options.tell("starting the system contract");
    const data = { version: 0, core: `${core.precision},${core.symbol}` };
    await this.#send([this.#act("eosio.system", systemAccount, "init", data)]);
    await this.#until("the RAM market", changedTimeoutMs, () => this.#hasMarket());
  }

  async createAccounts(): Promise<void> {
    const { accounts, tokens } = this.#plan;
    const missing = await this.#missingAccounts(accounts);
    if (missing.length === 0) return;
    this.#options.tell(`creating and paying ${missing.length} accounts`);
    const [core] = tokens;
    const stake = assetText(staked * 10n ** BigInt(core?.precision ?? 0), core?.precision ?? 0, core?.symbol ?? "");
    await this.#inBatches(missing, (account) => [
      this.#newAccount("eosio.system", account),
      this.#act("eosio.system", systemAccount, "buyrambytes", {
        payer: systemAccount,
        receiver: account.name,
        bytes: ramBytes,
      }),
      this.#act("eosio.system", systemAccount, "delegatebw", {
        from: systemAccount,
        receiver: account.name,
        stake_net_quantity: stake,
        stake_cpu_quantity: stake,
        transfer: true,
      }),
      ...tokens
        .filter(({ symbol }) => account.balances[symbol] !== undefined)
        .map(({ symbol, precision }) =>
          this.#act("eosio.token", tokenAccount, "transfer", {
            from: systemAccount,
            to: account.name,
            quantity: assetText(BigInt(account.balances[symbol] ?? 0), precision, symbol),
            memo: "",
          }),
        ),
    ]);
    await this.#untilAccounts(accounts);
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

  #newAccount(
    contract: ContractName,
    { name, publicKey }: { readonly name: string; readonly publicKey: string },
  ): Action {
    const authority = { threshold: 1, keys: [{ key: publicKey, weight: 1 }], accounts: [], waits: [] };
    const data = { creator: systemAccount, name, owner: authority, active: authority };
    return this.#act(contract, systemAccount, "newaccount", data);
  }

  #act(contract: ContractName, account: string, name: string, fields: unknown, actor = systemAccount): Action {
    const type = this.#contracts[contract].types.actions.get(name);
    if (type === undefined) throw new AppError("CONFIGURATION_INVALID", `${contract}.abi has no action ${name}`);
    return { account, name, data: serializeAs(type, fields), actor };
  }

  async #inBatches<T>(items: readonly T[], actionsOf: (item: T) => readonly Action[]): Promise<void> {
    for (let i = 0; i < items.length; i += accountsPerTransaction) {
      await this.#send(items.slice(i, i + accountsPerTransaction).flatMap((item) => [...actionsOf(item)]));
    }
  }

  async #send(actions: readonly Action[]): Promise<void> {
    const { endpoint, signal } = this.#options;
    const reference = await fetchReference(endpoint, signal);
    const packed = packTransaction(actions, {
      expirationSeconds: Math.ceil(reference.chainTimeMs / 1000) + expirationSeconds,
      blockNumber: reference.blockNumber,
      prefix: Buffer.from(reference.blockId, "hex").readUInt32LE(8),
    });
    const body = {
      signatures: [signatureOf(packed, this.#plan.chainId, this.#key)],
      compression: 0,
      packed_context_free_data: "",
      packed_trx: packed.toString("hex"),
    };
    await this.#client.call("send_transaction", body, z.object({ transaction_id: z.string() }));
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

/** As nodes write it: `1.0000 SYS`. */
function assetText(units: bigint, precision: number, symbol: string): string {
  const digits = units.toString().padStart(precision + 1, "0");
  const whole = digits.slice(0, digits.length - precision);
  return `${whole}${precision === 0 ? "" : `.${digits.slice(-precision)}`} ${symbol}`;
}

function packTransaction(
  actions: readonly Action[],
  reference: { readonly expirationSeconds: number; readonly blockNumber: number; readonly prefix: number },
): Buffer {
  const buffer = new Serialize.SerialBuffer();
  buffer.pushUint32(reference.expirationSeconds);
  buffer.pushUint16(reference.blockNumber & 0xffff);
  buffer.pushUint32(reference.prefix);
  // No limits of its own, no delay, no context-free actions.
  buffer.pushVaruint32(0);
  buffer.push(0);
  buffer.pushVaruint32(0);
  buffer.pushVaruint32(0);
  buffer.pushVaruint32(actions.length);
  for (const { account, name, data, actor = systemAccount } of actions) {
    buffer.pushName(account);
    buffer.pushName(name);
    buffer.pushVaruint32(1);
    buffer.pushName(actor);
    buffer.pushName("active");
    buffer.pushBytes(data);
  }
  buffer.pushVaruint32(0);
  return Buffer.from(buffer.asUint8Array());
}

function signatureOf(packed: Buffer, chainId: string, key: Buffer): string {
  const digest = createHash("sha256")
    .update(Buffer.from(chainId, "hex"))
    .update(packed)
    .update(Buffer.alloc(32))
    .digest();
  const signature = Buffer.alloc(signatureBytes);
  const signer = new CanonicalSigner([key]);
  signer.add(digest, 0, signature, 0, null);
  signer.signAll();
  const text = Buffer.alloc(signatureTextBytes);
  placeSignatureText(signature, text, 0);
  return text.toString("latin1");
}
