import { setMaxListeners } from "node:events";
import type { ChainDriver, NetworkDescription } from "../../shared/chains/driver.ts";
import type { Survey, SurveyOptions } from "../../shared/chains/provisioning.ts";
import { AppError, type Problem } from "../../shared/errors/app-error.ts";
import type { CreatedAccounts, Scenario } from "../../shared/scenario/scenario.ts";
import { formatCount, formatUnits } from "../reporting/figures-text.ts";
import type { RunProgress } from "../run/progress.ts";
import { provisioningOf, type SetupKeys } from "./created-accounts.ts";
import { Headway } from "./headway.ts";
import { InFlightNote } from "./in-flight-note.ts";
import { type Sent, sendBatches } from "./send-batches.ts";
import { surveyFacts } from "./survey-facts.ts";

export type SetupProgress = Pick<RunProgress, "fact" | "setup">;

/** `make`: what the scenario needs. `return`: what can be taken back. */
export type SetupPurpose = "make" | "return";

export interface SetupRequest {
  readonly purpose: SetupPurpose;
  readonly scenario: Scenario;
  readonly scenarioPath: string;
  readonly accounts: CreatedAccounts;
  readonly driver: ChainDriver;
  readonly network: NetworkDescription;
  readonly keys: SetupKeys;
  /** For each mix entry, how many objects it will consume at most. */
  readonly poolNeeds: readonly number[];
  /** No more is sent; what is under way is still waited for. */
  readonly stop: AbortSignal;
  /** Ends everything at once. */
  readonly kill: AbortSignal;
}

export interface SetupOutcome {
  /** What was missing at first. */
  readonly survey: Survey;
  readonly steps: number;
  readonly batches: number;
  /** By asset, how much less the funding account has than before; negative: more. Smallest units, decimal text. */
  readonly spent: readonly { readonly asset: string; readonly precision: number; readonly amount: string }[];
}

/** As long as blocks may take to come on a busy network, and short enough to be waited for after a crash. */
const lifetimeBlocks = 10;
const shortestLifetimeSeconds = 30;
const settleTimeoutMs = 5 * 60_000;

/**
 * Looks at what is missing, sends the first stage of it, waits until all of that has an end, and looks again, until nothing
 * is missing. The chain alone says what is there, so it does not matter where an earlier attempt ended.
 * Throws FUNDS_MISSING before anything is sent, also where the run would take more of the accounts than they
 * are to have, and whenever the rest cannot be paid any more.
 */
export async function conductSetup(request: SetupRequest, progress: SetupProgress): Promise<SetupOutcome> {
  const setup = new Setup(request, progress);
  await setup.settle();
  return setup.run();
}

/** What is missing, without doing anything about it. */
export function surveyOnce(
  {
    purpose,
    accounts,
    driver,
    network,
    keys,
    scenario,
    poolNeeds,
  }: Omit<SetupRequest, "stop" | "kill" | "scenarioPath">,
  signal: AbortSignal,
): Promise<Survey> {
  const { prefix, balances, resources } = accounts;
  const options: SurveyOptions = {
    endpoint: (network.nodes[0] as NetworkDescription["nodes"][number]).endpoint,
    ...{ network, ...keys, wanted: { prefix, balances, resources }, workload: scenario.workload, poolNeeds, signal },
  };
  const provisioning = provisioningOf(driver);
  return purpose === "make" ? provisioning.survey(options) : provisioning.surveyReturn(options);
}

/** One problem for each asset that the funding account has too little of. */
export function funderProblems({ funds }: Survey, { funder }: CreatedAccounts): Problem[] {
  return funds
    .filter(({ needed, available }) => BigInt(needed) > BigInt(available))
    .map(({ asset, precision, needed, available }) => {
      const missing = (BigInt(needed) - BigInt(available)).toString();
      return {
        path: `accounts.from (${funder.name})`,
        value: `${formatUnits(available, precision)} ${asset}`,
        expected: `expected ${formatUnits(needed, precision)} ${asset}: ${formatUnits(missing, precision)} ${asset} are missing`,
      };
    });
}

/** One problem for each field of the scenario that gives the accounts too little, and one for each of these accounts. */
export function outlookProblems({ outlook }: Pick<Survey, "outlook">, accounts: CreatedAccounts): Problem[] {
  const settings = outlook.remedies.map(({ setting, value }) => ({
    path: `accounts.create.${setting}`,
    value: writtenAs(accounts, setting),
    // To be put there as it stands, so without spaces between its thousands.
    expected: `expected at least "${value}"`,
  }));
  const short = outlook.shortages.map(({ account, asset, precision, available, needed }) => ({
    path: account,
    value: `${formatUnits(available, precision)} ${asset}`,
    expected: `expected at least ${formatUnits(needed, precision)} ${asset} for its part of the run`,
  }));
  return [...settings, ...short];
}

function writtenAs({ balances, resources }: CreatedAccounts, setting: string): string {
  if (setting === "balance") return balances.join(", ");
  return resources[setting.replace(/^resources\./, "")] ?? "(the default)";
}

class Setup {
  readonly #request: SetupRequest;
  readonly #progress: SetupProgress;
  readonly #note: InFlightNote;
  #batches = 0;
  #steps = 0;

  constructor(request: SetupRequest, progress: SetupProgress) {
    this.#request = request;
    this.#progress = progress;
    this.#note = new InFlightNote(request.scenarioPath, request.network.chainId);
  }

  async settle(): Promise<void> {
    const { stop, kill } = this.#request;
    await this.#note.settle({
      headSeconds: async () => (await this.#reference()).chainTimeMs / 1000,
      timeoutMs: settleTimeoutMs,
      signal: AbortSignal.any([stop, kill]),
      onWait: (seconds) =>
        this.#progress.fact("Waiting", `up to ${Math.ceil(seconds)} s for what an earlier attempt has sent`),
    });
  }

  async run(): Promise<SetupOutcome> {
    const first = await this.#look();
    let survey = first;
    const headway = new Headway(first.stages);
    for (;;) {
      // Again after each stage: what stakes give may be known only when the first accounts have some.
      this.#requireMeans(survey);
      if (survey.stages.length === 0) break;
      this.#requireFunds(survey);
      if (survey === first) {
        this.#tell(survey);
        await this.#request.keys.keep();
      }
      const sent = await this.#sendStage(survey);
      if (this.#request.stop.aborted) throw this.#stopped();
      const next = await this.#look();
      if (!headway.isMade(next.stages)) throw refused(survey, sent);
      survey = next;
    }
    return { survey: first, steps: this.#steps, batches: this.#batches, spent: spentBetween(first, survey) };
  }

  #look(): Promise<Survey> {
    const { stop, kill } = this.#request;
    const signal = AbortSignal.any([stop, kill]);
    // Hundreds of calls may be under way at once, each listening for an abort: that is no leak.
    setMaxListeners(0, signal);
    return surveyOnce(this.#request, signal);
  }

  #requireFunds(survey: Survey): void {
    const problems = funderProblems(survey, this.#request.accounts);
    if (problems.length === 0) return;
    const { name } = this.#request.accounts.funder;
    throw new AppError("FUNDS_MISSING", `${name} cannot pay for what the scenario needs`, {
      problems,
      hint: "overseer plan shows what it is for.",
    });
  }

  /** A run would be refused for it, or run dry: nobody should pay for accounts that are no good. */
  #requireMeans(survey: Survey): void {
    const { accounts } = this.#request;
    const problems = outlookProblems(survey, accounts);
    if (problems.length === 0) return;
    throw new AppError("FUNDS_MISSING", "the accounts would have too little for what the run spends", {
      problems: [...problems, ...funderProblems(survey, accounts)],
      hint:
        this.#batches === 0
          ? "Nothing was sent. Give them more, or send less."
          : "What was made so far stays, and is gone on with: give them more, or send less, and repeat.",
    });
  }

  #tell(survey: Survey): void {
    for (const [label, text] of surveyFacts(survey, this.#request.accounts.funder.name))
      this.#progress.fact(label, text);
  }

  async #sendStage(survey: Survey): Promise<Sent> {
    const { driver, network, stop, kill } = this.#request;
    const reference = await this.#reference();
    const stage = survey.stages[0] as Survey["stages"][number];
    const lifetime = Math.max(shortestLifetimeSeconds, (lifetimeBlocks * network.blockIntervalMs) / 1000);
    const validFor = Math.min(Math.ceil(lifetime), network.maximumLifetimeSeconds);
    const expirationSeconds = Math.ceil(reference.chainTimeMs / 1000) + validFor;
    const batches = provisioningOf(driver).pack(survey, { network, reference, expirationSeconds });
    await this.#note.write(expirationSeconds);
    let done = 0;
    const show = (): void => this.#progress.setup({ stage: stage.name, done, steps: stage.steps });
    show();
    const sent = await sendBatches(batches, {
      ...{ driver, endpoint: this.#endpoint, data: survey.data, afterBlock: reference.blockNumber, expirationSeconds },
      ...{ stop, kill },
      onSettled: (steps) => {
        done += steps;
        show();
      },
    });
    await this.#note.remove();
    this.#batches += sent.included;
    this.#steps += stage.steps;
    if (sent.refusals.length > 0) this.#progress.fact("Refused", sent.refusals[0] as string);
    if (sent.expired > 0)
      this.#progress.fact(
        "Expired",
        `${formatCount(sent.expired)} transactions; what they should have done is done again`,
      );
    return sent;
  }

  #reference() {
    return this.#request.driver.reference(this.#endpoint, this.#request.kill);
  }

  get #endpoint(): string {
    return (this.#request.network.nodes[0] as NetworkDescription["nodes"][number]).endpoint;
  }

  #stopped(): AppError {
    const command = this.#request.purpose === "make" ? "setup" : "teardown";
    return new AppError("STOPPED", "stopped after what was under way", {
      cause: this.#request.stop.reason,
      hint: `Go on with: overseer ${command} ${this.#request.scenarioPath}`,
    });
  }
}

function refused({ stages }: Survey, { refusals }: Sent): AppError {
  const problems = refusals.map((value) => ({
    path: stages[0]?.name ?? "",
    value,
    expected: "expected it to be accepted",
  }));
  return new AppError("RESOURCES_MISSING", `the network does not let us ${stages[0]?.name ?? "go on"}`, { problems });
}

function spentBetween(before: Survey, after: Survey): SetupOutcome["spent"] {
  return before.funds.map(({ asset, precision, available }) => {
    const left = after.funds.find((line) => line.asset === asset)?.available ?? available;
    return { asset, precision, amount: (BigInt(available) - BigInt(left)).toString() };
  });
}
