import { fetchFeeScale } from "./fee-scale.ts";
import type { Operation } from "./fee-table.ts";
import { isMember, type Party, type Scene } from "./scene.ts";
import { idOf, type Provided, type Stage } from "./step.ts";
import { upgradeOf } from "./upgrade-members.ts";

const accountCreate = 5;
const proxyToSelf = "1.2.5";

/** Accounts that are not there, each with one key for everything; and the right to register them. */
export async function registerAccounts(scene: Scene): Promise<Provided> {
  const { funder, accounts, basics, fees } = scene;
  const absent = [...accounts, ...basics].filter(({ answer }) => answer === null);
  if (absent.length === 0) return { stages: [], reserves: [] };
  const operations = absent.map((party) => registrationOf(party, idOf(funder) as string));
  const [prices, scale] = await Promise.all([fees.ofAll(operations), fetchFeeScale(scene.client)]);
  const raised = prices.map((price, i) => price + scale.surcharge(i));
  const steps = operations.map((operation, i) => ({
    sender: funder,
    // The higher fee is demanded only when it has come to that; until then nodes would take it for a gift.
    operation: scale.surcharge(i) === 0n ? operation : null,
    fee: raised[i] as bigint,
    spends: [],
  }));
  const now = steps.filter(({ operation }) => operation !== null);
  const later = steps.filter(({ operation }) => operation === null);
  const membership: Stage[] = isMember(funder)
    ? []
    : [{ name: "make the funding account a lifetime member", steps: [await upgradeOf(scene, funder)] }];
  const stages = [
    ...membership,
    { name: "register accounts", steps: now },
    { name: "register accounts at the raised fee", steps: later },
  ];
  return { stages, reserves: [] };
}

function registrationOf({ name, publicKey }: Party, registrar: string): Operation {
  const authority = { weight_threshold: 1, account_auths: [], key_auths: [[publicKey, 1]], address_auths: [] };
  const options = {
    memo_key: publicKey,
    voting_account: proxyToSelf,
    num_witness: 0,
    num_committee: 0,
    votes: [],
    extensions: [],
  };
  return [
    accountCreate,
    {
      ...{ registrar, referrer: registrar, referrer_percent: 0, name },
      ...{ owner: authority, active: authority, options, extensions: {} },
    },
  ];
}
