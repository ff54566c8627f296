import { expect, test } from "@jest/globals";
import { nodeBehaviourSchema } from "../../shared/devnet/config.ts";
import { buildTopology } from "../../shared/devnet/topologies.ts";
import { transfer } from "../testing/antelope-actions.ts";
import { smallAntelopeNetwork, VirtualAntelopeNetwork } from "../testing/virtual-antelope-network.ts";

const [producer, backup, seed, firstFull, secondFull] = [0, 1, 2, 3, 4];
const topology = buildTopology("block-producer", 2);
const nodes = topology.roles.length;

function configure(change: Readonly<Record<string, unknown>> = {}) {
  return smallAntelopeNetwork({ ports: new Array<number>(nodes).fill(0), topology, ...change });
}

/** One behaviour for each node: `gone` are away for the span. */
function outages(gone: readonly number[], span: { readonly atMs: number; readonly forMs: number }) {
  return Array.from({ length: nodes }, (_, node) =>
    nodeBehaviourSchema.parse({ outages: gone.includes(node) ? [span] : [] }),
  );
}

function heads(virtual: VirtualAntelopeNetwork): Set<string> {
  return new Set(virtual.network.nodes.map(({ chain }) => chain.head.id));
}

test("a transaction passes over links to every node, and each node passes it on once", () => {
  const virtual = new VirtualAntelopeNetwork(configure());
  virtual.advance(0.01);
  virtual.send(firstFull, transfer("account1", "account2", "0.0001 SYS"));
  const pending = () => virtual.network.nodes.map(({ chain }) => chain.pendingCount);
  virtual.advance(0.006);
  // Full nodes are not connected to each other.
  expect(pending()).toEqual([1, 1, 1, 1, 0]);
  virtual.advance(0.005);
  expect(pending()).toEqual([1, 1, 1, 1, 1]);
  virtual.advance(1);
  expect(heads(virtual).size).toBe(1);
  expect(virtual.chain(secondFull).state.balance("account2", "SYS")?.amount).toBe(10_000_001n);
  expect(virtual.network.nodes.map(({ chain }) => chain.counters.included)).toEqual([1, 1, 1, 1, 1]);
});

test("blocks reach nodes that are only linked to others that pass them on, one hop after another", () => {
  const chainOfNodes = {
    roles: ["producer", "seed", "seed", "full"],
    links: [
      [0, 1],
      [1, 2],
      [2, 3],
    ],
  };
  const virtual = new VirtualAntelopeNetwork(smallAntelopeNetwork({ ports: [0, 0, 0, 0], topology: chainOfNodes }));
  virtual.advanceTo(0.5);
  const { number } = virtual.chain(0).head;
  const numbers = () => virtual.network.nodes.map(({ chain }) => chain.head.number - number);
  expect(numbers()).toEqual([0, -1, -1, -1]);
  virtual.advance(0.005);
  expect(numbers()).toEqual([0, 0, -1, -1]);
  virtual.advance(0.01);
  expect(numbers()).toEqual([0, 0, 0, 0]);
});

test("a transaction takes the quicker way where one link is slow, and a node behind slow links hears of it late", () => {
  const slow = [producer, backup, seed].map((other) => ({ between: [other, secondFull], ms: 80 }));
  const virtual = new VirtualAntelopeNetwork(configure({ network: { linkDelays: slow } }));
  virtual.advance(0.01);
  virtual.send(firstFull, transfer("account1", "account2", "0.0001 SYS"));
  const pending = () => virtual.network.nodes.map(({ chain }) => chain.pendingCount);
  virtual.advance(0.084);
  expect(pending()).toEqual([1, 1, 1, 1, 0]);
  virtual.advance(0.003);
  expect(pending()).toEqual([1, 1, 1, 1, 1]);
  virtual.network.setBehaviour({ linkDelays: [] });
  virtual.send(firstFull, transfer("account1", "account2", "0.0002 SYS"));
  virtual.advance(0.011);
  expect(pending()).toEqual([2, 2, 2, 2, 2]);
});

test("a backup makes the blocks while the producing node is gone, and the node catches up when it is back", () => {
  const span = { atMs: 2250, forMs: 10_000 };
  const virtual = new VirtualAntelopeNetwork(configure({ nodes: outages([producer], span) }));
  virtual.advanceTo(3);
  const before = virtual.chain(producer).head.number;
  virtual.advanceTo(12.2);
  expect(virtual.network.nodes[producer]!.isGone).toBe(true);
  expect(virtual.chain(producer).head.number).toBe(before);
  expect(virtual.chain(firstFull).head.number - before).toBe(20);
  expect(virtual.network.missedSlots).toBe(0);
  virtual.advanceTo(12.3);
  expect(virtual.network.nodes[producer]!.isGone).toBe(false);
  expect(heads(virtual).size).toBe(1);
  virtual.advanceTo(20.1);
  expect(heads(virtual).size).toBe(1);
  expect(virtual.network.nodes.map(({ chain }) => chain.counters.forks)).toEqual([0, 0, 0, 0, 0]);
  const { number, lastIrreversible } = virtual.chain(seed).head;
  expect(number - lastIrreversible).toBe(2);
});

test("slots are missed while the producing node and its backup are both gone", () => {
  const span = { atMs: 2250, forMs: 5000 };
  const virtual = new VirtualAntelopeNetwork(configure({ nodes: outages([producer, backup], span) }));
  virtual.advanceTo(20.1);
  expect(virtual.network.missedSlots).toBe(10);
  expect(heads(virtual).size).toBe(1);
});

test("what waits at a node that goes away is counted as abandoned, and nothing reaches it while it is gone", () => {
  const behaviours = outages([firstFull], { atMs: 250, forMs: 2000 });
  const slow = { ...behaviours[firstFull]!, capacityPerSecond: 5 };
  const virtual = new VirtualAntelopeNetwork(
    configure({ nodes: behaviours.map((behaviour, node) => (node === firstFull ? slow : behaviour)) }),
  );
  const answers = [1, 2, 3].map((units) =>
    virtual.send(firstFull, transfer("account1", "account2", `0.000${units} SYS`)),
  );
  virtual.advanceTo(1);
  const late = virtual.send(firstFull, transfer("account1", "account2", "0.0009 SYS"));
  virtual.advanceTo(5.1);
  expect(answers.map(({ length }) => length)).toEqual([1, 0, 0]);
  expect(late).toHaveLength(0);
  expect(virtual.network.nodes[firstFull]!.counters).toMatchObject({ seen: 4, accepted: 1, rejected: 0, abandoned: 3 });
  for (const { chain } of virtual.network.nodes)
    expect(chain.state.balance("account2", "SYS")?.amount).toBe(10_000_001n);
});
