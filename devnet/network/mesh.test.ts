import { expect, test } from "@jest/globals";
import { Mesh } from "./mesh.ts";
import { VirtualScheduler } from "./scheduler.ts";

function setUp(nodes: number, links: readonly (readonly [number, number])[] | null = null) {
  const scheduler = new VirtualScheduler();
  const arrived: (readonly [number, number, string])[] = [];
  const mesh = new Mesh<string>(
    {
      nodes,
      links,
      delays: { delayMs: 5, own: [] },
      deliver: (_from, to, message) => arrived.push([scheduler.nowMicros(), to, message]),
    },
    scheduler,
  );
  return { scheduler, arrived, mesh };
}

test("a message reaches every other node after the delay", () => {
  const { scheduler, arrived, mesh } = setUp(3);
  mesh.broadcast(1, "hello");
  scheduler.advanceTo(4999);
  expect(arrived).toEqual([]);
  scheduler.advanceTo(5000);
  expect(arrived).toEqual([
    [5000, 0, "hello"],
    [5000, 2, "hello"],
  ]);
});

test("messages keep their order when the delay shrinks", () => {
  const { scheduler, arrived, mesh } = setUp(2);
  mesh.broadcast(0, "first");
  mesh.setDelays({ delayMs: 1, own: [] });
  mesh.broadcast(0, "second");
  scheduler.advanceTo(10_000);
  expect(arrived.map(([, , message]) => message)).toEqual(["first", "second"]);
});

test("while the network is split nothing crosses, and afterwards everything does", () => {
  const { scheduler, arrived, mesh } = setUp(3);
  mesh.cut((from, to) => (from === 2) !== (to === 2));
  mesh.broadcast(0, "during");
  scheduler.advanceTo(10_000);
  expect(arrived).toEqual([[5000, 1, "during"]]);
  expect(mesh.cut(() => false)).toEqual([0, 1, 2]);
  mesh.broadcast(2, "after");
  scheduler.advanceTo(20_000);
  expect(arrived.slice(1)).toEqual([
    [15_000, 0, "after"],
    [15_000, 1, "after"],
  ]);
});

test("with links a message goes only where they lead", () => {
  const { scheduler, arrived, mesh } = setUp(3, [
    [0, 1],
    [1, 2],
  ]);
  mesh.broadcast(0, "near");
  mesh.broadcast(1, "both", 0);
  scheduler.advanceTo(10_000);
  expect(arrived).toEqual([
    [5000, 1, "near"],
    [5000, 2, "both"],
  ]);
});

test("a link with a delay of its own has it both ways, the others keep the common one", () => {
  const { scheduler, arrived, mesh } = setUp(3);
  mesh.setDelays({ delayMs: 5, own: [{ between: [0, 2], ms: 80 }] });
  mesh.broadcast(0, "there");
  mesh.broadcast(2, "back");
  scheduler.advanceTo(100_000);
  expect(arrived).toEqual([
    [5000, 1, "there"],
    [5000, 1, "back"],
    [80_000, 2, "there"],
    [80_000, 0, "back"],
  ]);
});
