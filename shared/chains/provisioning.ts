import type { Problem } from "../errors/app-error.ts";
import type { Workload } from "../scenario/scenario.ts";

/**
 * The part of the port that makes what a workload needs on a network that is there: accounts, funds, assets, open orders.
 * A chain that lacks it can only be put under load with accounts that are given.
 *
 * What is missing is read from the chain each time and never remembered, so a setup that was interrupted at any point goes
 * on when it is repeated. Whoever uses this looks, sends the batches of the first stage, waits until each of them is in a
 * block or can never be in one any more, and looks again.
 */
export interface Provisioning {
  /** Names of as many accounts, or what was expected of the prefix. Pure. */
  nameAccounts(prefix: string, count: number): { readonly names: readonly string[] } | { readonly expected: string };
  /** What the scenario's `create.resources` says that this chain does not know, paths relative to it. Pure. */
  resourceProblems(resources: Readonly<Record<string, string>>): readonly Problem[];
  /** The text form of the 32 bytes of a private key. */
  keyText(privateKey: Buffer): string;
  /**
   * What the chain lacks of all that `resolve` will look for, with its price. Sends nothing.
   * Throws AppError: ACCOUNT_MISSING (the funding account), ACCOUNT_KEY (a key that is not the account's), RESOURCES_MISSING
   * (what cannot be made), PLAN_IMPOSSIBLE (a workload that does not fit the network), RPC_FAILED, NETWORK_UNREACHABLE.
   */
  survey(options: SurveyOptions): Promise<Survey>;
  /** What of all that can be taken back, and goes to the funding account. Throws as `survey` does. */
  surveyReturn(options: SurveyOptions): Promise<Survey>;
  /** Signed transactions that carry out the survey's first stage. Each fits a block and differs from all others. */
  pack(survey: Survey, options: PackOptions): readonly Batch[];
}

export interface SurveyOptions {
  readonly endpoint: string;
  readonly network: SurveyedNetwork;
  /** Pays for everything that the accounts do not pay themselves. */
  readonly funder: SigningAccount;
  /** The run's accounts, whether they are there yet or not. */
  readonly accounts: readonly SigningAccount[];
  readonly wanted: WantedAccounts;
  readonly workload: Workload;
  /** For each mix entry how often it is used at most, and so how many objects it uses up. */
  readonly poolNeeds: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

/** What is needed to know of a network; its description has more. */
export interface SurveyedNetwork {
  readonly chainId: string;
  readonly nodes: readonly { readonly endpoint: string }[];
  readonly headNumber: number;
  readonly headTimeMs: number;
  readonly maximumTransactionBytes: number;
  readonly maximumBlockBytes: number;
}

export interface SigningAccount {
  readonly name: string;
  /** In the chain's own text form. Never logged, never reported. */
  readonly privateKey: string;
}

export interface WantedAccounts {
  readonly prefix: string;
  /** What each account has at least, such as `1000 BTS`: of the core asset first, then of others. */
  readonly balances: readonly string[];
  /** What else each account has, in the chain's own terms. */
  readonly resources: Readonly<Record<string, string>>;
}

export interface Survey {
  /** What is missing, in the order in which it must be made; empty when nothing is. */
  readonly stages: readonly SetupStage[];
  /** What all stages together take from the funding account. */
  readonly costs: readonly CostLine[];
  /** For each asset that the funding account pays with. */
  readonly funds: readonly FundsLine[];
  /** What the run would lack although all stages are done; lacks nothing where things are taken back. */
  readonly outlook: Outlook;
  /** What a user should know besides: what cannot be returned, what the estimate rests on. */
  readonly notes: readonly string[];
  /** The driver's own: what `pack` makes batches of, and what the broadcaster is opened with. */
  readonly steps: unknown;
  readonly data: unknown;
}

export interface SetupStage {
  /** In the imperative, such as "register accounts". */
  readonly name: string;
  /** Single things that are made: accounts, orders. */
  readonly steps: number;
}

export interface CostLine {
  readonly what: string;
  readonly count: number;
  /** Smallest units, decimal text. */
  readonly amount: string;
  readonly asset: string;
  readonly precision: number;
  /** `funder`: part of the sum. `accounts`: paid by them out of what they are funded with. */
  readonly payer: "funder" | "accounts";
}

export interface FundsLine {
  readonly asset: string;
  readonly precision: number;
  readonly needed: string;
  /** What the funding account has. */
  readonly available: string;
}

/** Whether the accounts, once everything is made, have what the run takes of them. Counts as `cost` counts. */
export interface Outlook {
  /** One for each account and asset; empty where all accounts have enough. */
  readonly shortages: readonly Shortage[];
  /** What would do. */
  readonly remedies: readonly Remedy[];
}

export interface Shortage {
  readonly account: string;
  readonly asset: string;
  readonly precision: number;
  /** Smallest units that the account has when everything is made, decimal text. */
  readonly available: string;
  /** What the run takes of it at most. */
  readonly needed: string;
}

export interface Remedy {
  /** Field of the scenario, relative to `accounts.create`, such as `balance`. */
  readonly setting: string;
  /** The least that would do, as it is written there. */
  readonly value: string;
}

export interface PackOptions {
  readonly network: SurveyedNetwork;
  /** An irreversible block. */
  readonly reference: { readonly blockNumber: number; readonly blockId: string };
  /** Chain time after which none of the batches can get into a block. */
  readonly expirationSeconds: number;
}

export interface Batch {
  /** What a broadcaster of this chain sends. */
  readonly body: Uint8Array;
  /** The same eight bytes as in `ObservedBlock.matchKeys`. */
  readonly matchKey: bigint;
  readonly steps: number;
}
