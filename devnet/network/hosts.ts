import type { Topology } from "../../shared/devnet/config.ts";

/**
 * On which node each block producer (a witness, on BitShares) runs: in turn over the nodes that produce. The i-th
 * backup stands in for the i-th producing node, and once more round when there are more backups.
 */
export class Hosts {
  /** By producing node: itself, then its backups. */
  readonly #candidates: readonly (readonly number[])[];
  readonly #isGone: (node: number) => boolean;

  constructor(nodes: number, topology: Topology | null, isGone: (node: number) => boolean) {
    this.#isGone = isGone;
    const all = Array.from({ length: nodes }, (_, node) => node);
    const producing = topology === null ? all : all.filter((node) => topology.roles[node] === "producer");
    const backups = topology === null ? [] : all.filter((node) => topology.roles[node] === "backup");
    this.#candidates = producing.map((node, position) => [
      node,
      ...backups.filter((_, index) => index % producing.length === position),
    ]);
  }

  /** The node that acts for the producer now; `null` when it is gone and so is every backup. */
  of(producer: number): number | null {
    const candidates = this.#candidates[producer % this.#candidates.length] ?? [];
    return candidates.find((node) => !this.#isGone(node)) ?? null;
  }
}
