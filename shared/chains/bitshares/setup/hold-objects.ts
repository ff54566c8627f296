import { AppError } from "../../../errors/app-error.ts";
import { findPooled } from "../find-pooled.ts";
import { htlcHash, preimageBytes } from "../htlc-preimage.ts";
import { htlcOptionsAnswer } from "../node-answers.ts";
import { defaultMarket } from "../parameters.ts";
import { transferSample } from "../required-fees.ts";
import { toChainTime } from "../transaction-draft.ts";
import type { Operation } from "./fee-table.ts";
import { answersOf, assetOf, dealtByPopularity, missingObjects } from "./missing-objects.ts";
import type { Party, Scene } from "./scene.ts";
import { type Dealt, idOf, type Provided, type Stage, type Step } from "./step.ts";

const proposalCreate = 22;
const vestingBalanceCreate = 32;
const htlcCreate = 49;
const sha256Algorithm = 2;
/** What contracts, proposals and vesting balances are about: of the core asset accounts need every unit for fees. */
const [heldSymbol] = defaultMarket;
/** Long enough for several runs, and no longer than networks allow proposals. */
const lifetimeSeconds = 7 * 86_400;

/** Contracts, proposals and vesting balances, as many as the workload uses up. */
export async function holdObjects(scene: Scene): Promise<Provided> {
  const { client, options } = scene;
  const dealt = await findPooled(client, { mix: options.workload.mix, accounts: answersOf(scene) });
  const stages = [
    await openContracts(scene, dealt),
    await makeProposals(scene, dealt),
    await vestBalances(scene, dealt),
  ];
  return { stages, reserves: [], dealt };
}

function missingOf(scene: Scene, operations: readonly string[], dealt: Dealt): number {
  return missingObjects(scene, operations, dealt).reduce((sum, { missing }) => sum + missing, 0);
}

async function openContracts(scene: Scene, dealt: Dealt): Promise<Stage> {
  const name = "open hash time-locked contracts";
  const missing = missingOf(scene, ["htlc_redeem", "htlc_extend"], dealt);
  if (missing === 0) return { name, steps: [] };
  const seconds = await claimSeconds(scene);
  const fee = await scene.fees.of(
    contractOf({ from: "1.2.0", to: "1.2.0", asset: "1.3.1", units: 1, hash: "00".repeat(32), seconds }),
  );
  const steps = dealtByPopularity(scene, missing).map(({ party, neighbour }, i): Step => {
    // Another amount each, so that each has a preimage of its own.
    const units = i + 1;
    const hash = htlcHash(party.name, neighbour.name, units);
    const operation = between(scene, party, neighbour, (parts) => contractOf({ ...parts, units, hash, seconds }));
    return { sender: party, operation, fee, spends: [{ symbol: heldSymbol, units: BigInt(units) }] };
  });
  return { name, steps };
}

/** Half of what the network allows at most leaves room to extend them. */
async function claimSeconds({ client }: Scene): Promise<number> {
  const { parameters } = await client.call("database", "get_global_properties", [], htlcOptionsAnswer);
  const most = parameters.extensions.updatable_htlc_options?.max_timeout_secs ?? 0;
  if (most > 0) return Math.min(lifetimeSeconds, Math.floor(most / 2));
  throw new AppError("RESOURCES_MISSING", "the network does not allow hash time-locked contracts");
}

interface Contract extends Parts {
  readonly units: number;
  readonly hash: string;
  readonly seconds: number;
}

function contractOf({ from, to, asset, units, hash, seconds }: Contract): Operation {
  return [
    htlcCreate,
    {
      ...{ from, to, amount: { amount: units, asset_id: asset } },
      ...{ preimage_hash: [sha256Algorithm, hash], preimage_size: preimageBytes },
      ...{ claim_period_seconds: seconds, extensions: {} },
    },
  ];
}

/** Each asks an account to pay the next one a little, which nothing comes of until it approves. */
async function makeProposals(scene: Scene, dealt: Dealt): Promise<Stage> {
  const name = "make proposals";
  const missing = missingOf(scene, ["proposal_update", "proposal_delete"], dealt);
  if (missing === 0) return { name, steps: [] };
  const expiration = toChainTime(Math.floor(scene.options.network.headTimeMs / 1000) + lifetimeSeconds);
  const [code, sample] = transferSample as readonly [number, Readonly<Record<string, unknown>>];
  const transferFee = await scene.fees.of([code, sample]);
  const proposal = (parts: Parts, units: number) => proposalOf(parts, units, transferFee, expiration);
  const fee = await scene.fees.of(proposal({ from: "1.2.0", to: "1.2.0", asset: "1.3.1" }, 1));
  const steps = dealtByPopularity(scene, missing).map(({ party, neighbour }, i): Step => {
    const operation = between(scene, party, neighbour, (parts) => proposal(parts, i + 1));
    return { sender: neighbour, operation, fee, spends: [] };
  });
  return { name, steps };
}

function proposalOf({ from, to, asset }: Parts, units: number, transferFee: bigint, expiration: string): Operation {
  const fee = { amount: transferFee.toString(), asset_id: "1.3.0" };
  const transfer = { fee, from, to, amount: { amount: units, asset_id: asset }, extensions: [] };
  return [
    proposalCreate,
    {
      ...{ fee_paying_account: to, expiration_time: expiration },
      ...{ proposed_ops: [{ op: [0, transfer] }], extensions: [] },
    },
  ];
}

/** Vested from the start, so that all of it can be taken at once. */
async function vestBalances(scene: Scene, dealt: Dealt): Promise<Stage> {
  const name = "make vesting balances";
  const missing = missingOf(scene, ["vesting_balance_withdraw"], dealt);
  if (missing === 0) return { name, steps: [] };
  const fee = await scene.fees.of(vestingOf({ from: "1.2.0", to: "1.2.0", asset: "1.3.1" }, 1));
  const steps = dealtByPopularity(scene, missing).map(({ party, neighbour }, i): Step => {
    const units = i + 1;
    const operation = between(scene, party, neighbour, (parts) => vestingOf(parts, units));
    return { sender: party, operation, fee, spends: [{ symbol: heldSymbol, units: BigInt(units) }] };
  });
  return { name, steps };
}

function vestingOf({ from, asset }: Parts, units: number): Operation {
  const policy = [0, { begin_timestamp: "1970-01-01T00:00:00", vesting_cliff_seconds: 0, vesting_duration_seconds: 1 }];
  return [vestingBalanceCreate, { creator: from, owner: from, amount: { amount: units, asset_id: asset }, policy }];
}

interface Parts {
  readonly from: string;
  readonly to: string;
  readonly asset: string;
}

/** Null as long as one of the accounts or the asset is not there. */
function between(
  scene: Scene,
  party: Party,
  neighbour: Party,
  operation: (parts: Parts) => Operation,
): Operation | null {
  const [from, to, asset] = [idOf(party), idOf(neighbour), assetOf(scene, heldSymbol)];
  return from === null || to === null || asset === null
    ? null
    : operation({ from, to, asset: `1.3.${asset.instance}` });
}
