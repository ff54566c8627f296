import { marketNetwork } from "../devnet/testing/market-network.ts";
import { transfer } from "../devnet/testing/sign.ts";
import { VirtualNetwork } from "../devnet/testing/virtual-network.ts";
import type { BenchResult } from "./bench-result.ts";

const nodes = 3;
const transfers = 3000;
const wantedPerSecond = 4000;

/** What a transfer costs three nodes of the embedded devnet together, without sockets, in processor time. */
export function benchDevnet(): BenchResult[] {
  const virtual = new VirtualNetwork(marketNetwork({ nodes }));
  const signed = Array.from({ length: transfers }, (_, index) =>
    virtual.sign([transfer(17 + (index % 8), 17 + ((index + 1) % 8), 1 + index)]),
  );
  const before = process.cpuUsage();
  for (const [index, transaction] of signed.entries()) {
    virtual.broadcast(index % nodes, transaction);
    if (index % 30 === 0) virtual.advance(0.01);
  }
  virtual.advance(3);
  const { user, system } = process.cpuUsage(before);
  for (const { chain } of virtual.network.nodes) {
    const { included } = chain.counters;
    if (included !== transfers) throw new Error(`a node took in ${included} of ${transfers} transfers`);
  }
  const microsEach = (user + system) / transfers;
  return [
    {
      name: `transfers that one core carries for ${nodes} nodes against ${wantedPerSecond.toLocaleString("en")} a second`,
      ratio: 1e6 / microsEach / wantedPerSecond,
      goal: 1,
      detail: `${microsEach.toFixed(0)} µs of processor time a transfer, ${transfers.toLocaleString("en")} transfers`,
    },
  ];
}
