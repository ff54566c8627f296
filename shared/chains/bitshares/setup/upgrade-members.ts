import { parseNamedOperation } from "../named-operations.ts";
import type { Operation } from "./fee-table.ts";
import { isMember, type Party, type Scene } from "./scene.ts";
import { idOf, type Provided, type Step } from "./step.ts";

const accountUpgrade = 8;

/** Lifetime memberships of the run's accounts, where an operation of the workload is only for members. */
export async function upgradeMembers(scene: Scene): Promise<Provided> {
  const { workload } = scene.options;
  const needed = workload.mix.some(
    ({ operation, parameters, template }) =>
      template === null && parseNamedOperation(operation, parameters)?.value.membersOnly === true,
  );
  const basic = needed ? scene.accounts.filter((account) => !isMember(account)) : [];
  const steps = await Promise.all(basic.map((account) => upgradeOf(scene, account)));
  return { stages: [{ name: "make accounts lifetime members", steps }], reserves: [] };
}

export async function upgradeOf({ fees }: Scene, party: Party): Promise<Step> {
  const id = idOf(party);
  return {
    sender: party,
    operation: id === null ? null : upgrade(id),
    fee: await fees.of(upgrade("1.2.0")),
    spends: [],
  };
}

function upgrade(account: string): Operation {
  return [accountUpgrade, { account_to_upgrade: account, upgrade_to_lifetime_member: true, extensions: [] }];
}

/** What an account that the workload upgrades must have. */
export function upgradeFee({ fees }: Scene): Promise<bigint> {
  return fees.of(upgrade("1.2.0"));
}
