import { expect, test } from "@jest/globals";
import { expositionOf } from "../../shared/metrics/exposition-text.ts";
import { noFigures } from "../measuring/run-figures.ts";
import { beaconMetrics } from "./beacon-metrics.ts";

test("a beacon between two runs tells of itself alone", () => {
  const text = expositionOf(beaconMetrics("b", { state: "idle", isConnected: false, sample: null, run: null }));
  expect(text).toContain('loadstone_beacon_state{beacon="b",state="idle"} 1\n');
  expect(text).toContain('loadstone_beacon_overseer_connected{beacon="b"} 0\n');
  expect(text).toContain("process_cpu_seconds_total");
  expect(text).not.toContain("run=");
});

test("all that is told of a run names the run", () => {
  const run = {
    ...noFigures,
    id: "r1",
    sent: 3,
    outcomes: [{ node: "node-1", outcome: "rejected", reason: "duplicate", count: 2 }] as const,
    connections: [{ node: "node-1", open: 1, lost: 4 }],
  };
  const text = expositionOf(beaconMetrics("b", { state: "broadcasting", isConnected: true, sample: null, run }));
  const labels = 'beacon="b",run="r1"';
  expect(text).toContain(`loadstone_beacon_sent_transactions_total{${labels}} 3\n`);
  expect(text).toContain(
    `loadstone_beacon_settled_transactions_total{${labels},node="node-1",outcome="rejected",reason="duplicate"} 2\n`,
  );
  expect(text).toContain(`loadstone_beacon_node_connections_lost_total{${labels},node="node-1"} 4\n`);
});
