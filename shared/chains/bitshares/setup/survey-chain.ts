import type { Survey, SurveyOptions } from "../../provisioning.ts";
import { RpcClient } from "../rpc-client.ts";
import { createAssets } from "./create-assets.ts";
import { foreseeRun } from "./foresee-run.ts";
import { distributeAssets, fundAccounts, Targets } from "./fund-accounts.ts";
import { holdObjects } from "./hold-objects.ts";
import { lendAssets } from "./lend-assets.ts";
import { placeOrders } from "./place-orders.ts";
import { registerAccounts } from "./register-accounts.ts";
import { lookAround } from "./scene.ts";
import type { Dealt, Provided, Provision } from "./step.ts";
import { toSurvey } from "./to-survey.ts";
import { upgradeMembers } from "./upgrade-members.ts";

const timeoutMs = 30_000;

/** Rights and assets, which need funded accounts. */
const rights: readonly Provision[] = [upgradeMembers, createAssets, lendAssets];
/** What workloads use up, made by accounts that have all else. */
const objects: readonly Provision[] = [placeOrders, holdObjects];

/**
 * What is missing. Every step knows what it takes from whom, so that accounts are funded for those that are theirs, and
 * the price of everything is known before anything is sent.
 */
export async function surveyChain(options: SurveyOptions): Promise<Survey> {
  const client = await RpcClient.connect({ endpoint: options.endpoint, timeoutMs, signal: options.signal });
  try {
    const scene = await lookAround(client, options);
    const registered = await registerAccounts(scene);
    const permitted = await Promise.all(rights.map((provision) => provision(scene)));
    const made = await Promise.all(objects.map((provision) => provision(scene)));
    const after = [...permitted, ...made];
    const steps = after.flatMap(({ stages }) => stages.flatMap((stage) => stage.steps));
    const targets = await Targets.of(
      scene,
      steps,
      [...after, registered].flatMap(({ reserves }) => reserves),
    );
    const distributed = await distributeAssets(scene, targets);
    targets.addSteps(distributed.steps);
    const stages = [
      ...registered.stages,
      await fundAccounts(scene, targets),
      ...permitted.flatMap((provided) => provided.stages),
      distributed,
      ...made.flatMap((provided) => provided.stages),
    ];
    return { ...toSurvey(scene, stages, []), outlook: await foreseeRun(scene, targets, dealtIn(made)) };
  } finally {
    client.close();
  }
}

function dealtIn(made: readonly Provided[]): Dealt {
  return new Map(made.flatMap(({ dealt }) => [...(dealt ?? [])]));
}
