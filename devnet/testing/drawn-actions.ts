import fc from "fast-check";
import { systemAccount } from "../antelope/chain/objects.ts";
import { burn, by, system, type TestAction, transfer } from "./antelope-actions.ts";

/** Those of `smallAntelopeNetwork`, and those that the run may make. */
const account = fc.constantFrom("account1", "account1", "account2", "account3", "account4", "account5");
const anybody = fc.oneof({ weight: 5, arbitrary: account }, fc.constantFrom("newaccount1", "newaccount2"));
const quantity = fc.constantFrom("0.0001 SYS", "7.0000 SYS", "900.0000 SYS", "999999.0000 SYS");
/** Of a token that the run may make, too. */
const anyQuantity = fc.oneof(quantity, fc.constantFrom("3.00 NEW", "700.00 NEW", "-1.0000 SYS", "1.00 SYS"));

const tokens = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(account, anybody, anyQuantity).map((drawn) => transfer(...drawn)) },
  anyQuantity.map((amount) =>
    by(systemAccount, "eosio.token", "issue", { to: systemAccount, quantity: amount, memo: "" }),
  ),
  anyQuantity.map((amount) => by(systemAccount, "eosio.token", "retire", { quantity: amount, memo: "" })),
  fc
    .constantFrom("1000.00 NEW", "0.00 NEW", "5.0000 SYS")
    .map((maximum_supply) => by("eosio.token", "eosio.token", "create", { issuer: systemAccount, maximum_supply })),
  fc
    .tuple(anybody, fc.constantFrom("4,SYS", "2,NEW"))
    .map(([owner, symbol]) => by(owner, "eosio.token", "close", { owner, symbol })),
  fc
    .tuple(anybody, account, fc.constantFrom("4,SYS", "2,NEW", "9,SYS"))
    .map(([owner, ram_payer, symbol]) => by(ram_payer, "eosio.token", "open", { owner, symbol, ram_payer })),
);

const resources = fc.oneof(
  fc.tuple(account, anybody, quantity, fc.boolean()).map(([from, receiver, net, transferred]) =>
    system(from, "delegatebw", {
      from,
      receiver,
      stake_net_quantity: net,
      stake_cpu_quantity: "0.5000 SYS",
      transfer: transferred,
    }),
  ),
  fc
    .tuple(account, anybody, quantity, fc.constantFrom("0.2500 SYS", "0.5000 SYS"))
    .map(([from, receiver, net, cpu]) =>
      system(from, "undelegatebw", { from, receiver, unstake_net_quantity: net, unstake_cpu_quantity: cpu }),
    ),
  fc
    .tuple(account, anybody, fc.integer({ min: 0, max: 100_000 }))
    .map(([payer, receiver, bytes]) => system(payer, "buyrambytes", { payer, receiver, bytes })),
  fc
    .tuple(account, anybody, quantity)
    .map(([payer, receiver, quant]) => system(payer, "buyram", { payer, receiver, quant })),
  fc
    .tuple(account, fc.constantFrom(-1, 0, 100, 1_000_000, "9000000000000000000"))
    .map(([name, bytes]) => system(name, "sellram", { account: name, bytes })),
  fc
    .tuple(account, fc.subarray(["defproducera", "defproducerb", "defproducerz"]), fc.constantFrom("", "account2"))
    .map(([voter, producers, proxy]) => system(voter, "voteproducer", { voter, proxy, producers })),
  fc.tuple(account, fc.integer({ min: 1, max: 200_000 })).map(([owner, micros]) => burn(owner, "cpu", micros, micros)),
  fc.tuple(account, fc.constantFrom(64, 3000)).map(([owner, bytes]) => burn(owner, "ram", bytes, bytes)),
  fc.tuple(account, fc.constantFrom(0, 700)).map(([owner, bytes]) => burn(owner, "net", bytes, bytes)),
);

const permission = fc.constantFrom("one", "two", "active", "owner", "", "eosio.own");
const authority = fc.tuple(
  fc.array(fc.tuple(anybody, permission), { minLength: 1, maxLength: 2 }),
  fc.constantFrom(1, 2),
);

const permissions = fc.oneof(
  fc.tuple(account, fc.constantFrom("newaccount1", "newaccount2", "account1")).map(([creator, name]) => {
    const active = toAuthority([[creator, "active"]], 1);
    return system(creator, "newaccount", { creator, name, owner: active, active });
  }),
  fc
    .tuple(anybody, fc.constantFrom("one", "two", "one", "two", "active", "eosio.own", ""), permission, authority)
    .map(([name, changed, parent, [levels, threshold]]) =>
      system(name, "updateauth", { account: name, permission: changed, parent, auth: toAuthority(levels, threshold) }),
    ),
  fc.tuple(anybody, permission).map(([name, gone]) => system(name, "deleteauth", { account: name, permission: gone })),
  fc
    .tuple(anybody, fc.constantFrom("transfer", ""), permission)
    .map(([name, type, requirement]) =>
      system(name, "linkauth", { account: name, code: "eosio.token", type, requirement }),
    ),
  fc
    .tuple(anybody, fc.constantFrom("transfer", ""))
    .map(([name, type]) => system(name, "unlinkauth", { account: name, code: "eosio.token", type })),
);

/** Keys are left out of them, so that who may do what hangs on others alone. */
function toAuthority(levels: readonly (readonly [string, string])[], threshold: number): object {
  const sorted = [...levels].sort(([a, x], [b, y]) => (`${a} ${x}` < `${b} ${y}` ? -1 : 1));
  const accounts = sorted.map(([actor, name]) => ({ permission: { actor, permission: name }, weight: 1 }));
  return { threshold, keys: [], accounts, waits: [] };
}

const names = [
  ...["newaccount", "updateauth", "deleteauth", "linkauth", "unlinkauth", "buyram", "buyrambytes", "sellram"],
  ...["delegatebw", "undelegatebw", "voteproducer", "setcode", "setabi", "transfer", "create", "issue", "retire"],
  ...["open", "close", "cpu", "ram", "net"],
];

/** Data that fit no action, as they come. */
const garbage = fc
  .tuple(account, fc.constantFrom(systemAccount, "eosio.token", "burner", "account2"), fc.constantFrom(...names))
  .chain(([actor, contract, name]) =>
    fc.uint8Array({ maxLength: 90 }).map((data): TestAction => by(actor, contract, name, data)),
  );

export const drawnAction: fc.Arbitrary<TestAction> = fc
  .tuple(
    fc.oneof(
      { weight: 3, arbitrary: tokens },
      { weight: 3, arbitrary: resources },
      { weight: 3, arbitrary: permissions },
      { weight: 1, arbitrary: garbage },
    ),
    fc.constantFrom("active", "active", "active", "owner", "one", "two"),
  )
  .map(([action, level]) => ({
    ...action,
    authorization: action.authorization.map(({ actor }) => ({ actor, permission: level })),
  }));
