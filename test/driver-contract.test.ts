import { expect, test } from "@jest/globals";
import { chainNames, driverOf } from "../shared/chains/registry.ts";
import { describeDriverContract } from "../shared/chains/testing/driver-contract.ts";
import { devnetChains } from "../shared/devnet/config.ts";
import { openProxy, startDevnet, transfers } from "./support/contract-network.ts";

const balances: Readonly<Record<string, string>> = { bitshares: "1000000 BTS", antelope: "1000000 EOS" };

test("every chain of the devnet has a driver", () => {
  expect(chainNames).toEqual(expect.arrayContaining([...devnetChains]));
});

for (const chain of chainNames) {
  const driver = driverOf(chain);
  describeDriverContract({
    driver,
    workload: transfers,
    startNetwork: () => startDevnet(driver, balances[chain] ?? "1000000 CORE"),
    openProxy,
  });
}
