import type { SurveyOptions } from "../../shared/chains/provisioning.ts";
import { driverOf } from "../../shared/chains/registry.ts";
import { waitUntil } from "../../shared/time/wait.ts";

const mostStages = 40;

export interface SetUpOptions extends SurveyOptions {
  readonly chain: string;
  /** Throws where the node does not take it. */
  send(body: Uint8Array): Promise<unknown>;
  /** Transactions that wait for a block. */
  pendingCount(): number;
}

/** Makes what is missing, stage by stage, as setup does; the stages' names in order. */
export async function setUp(options: SetUpOptions): Promise<string[]> {
  const driver = driverOf(options.chain);
  const provisioning = driver.provisioning as NonNullable<typeof driver.provisioning>;
  const stages: string[] = [];
  while (stages.length < mostStages) {
    const survey = await provisioning.survey(options);
    const [stage] = survey.stages;
    if (stage === undefined) return stages;
    stages.push(stage.name);
    const reference = await driver.reference(options.endpoint);
    const expirationSeconds = Math.floor(reference.chainTimeMs / 1000) + 600;
    const batches = provisioning.pack(survey, { network: options.network, reference, expirationSeconds });
    for (const { body } of batches) await options.send(body);
    await allIncluded(options.pendingCount);
  }
  throw new Error(`there is no end to it: ${stages.join(", ")}`);
}

export async function allIncluded(pendingCount: () => number): Promise<void> {
  await waitUntil(() => pendingCount() === 0, {
    timeoutMs: 30_000,
    onTimeout: () => new Error("some transactions did not get into a block"),
  });
}
