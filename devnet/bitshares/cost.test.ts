import { expect, test } from "@jest/globals";
import { marketNetwork } from "../testing/market-network.ts";
import { transfer } from "../testing/sign.ts";
import { VirtualNetwork } from "../testing/virtual-network.ts";

test("a transfer costs three nodes together little enough processor time for 4,000 of them a second", () => {
  const virtual = new VirtualNetwork(marketNetwork({ nodes: 3 }));
  const count = 3000;
  const signed = Array.from({ length: count }, (_, index) =>
    virtual.sign([transfer(17 + (index % 8), 17 + ((index + 1) % 8), 1 + index)]),
  );
  const before = process.cpuUsage();
  for (const [index, transaction] of signed.entries()) {
    virtual.broadcast(index % 3, transaction);
    if (index % 30 === 0) virtual.advance(0.01);
  }
  virtual.advance(3);
  const { user, system } = process.cpuUsage(before);
  expect(virtual.network.nodes.map(({ chain }) => chain.counters.included)).toEqual([count, count, count]);
  // Processor time, so that a busy machine does not matter; 4,000 transactions a second on one core would be 250.
  expect((user + system) / count).toBeLessThan(250);
});
