import type { AppliedTransaction } from "./applied-transaction.ts";

export interface Block {
  readonly number: number;
  /** 64 hexadecimal digits, the first eight of which are the number. */
  readonly id: string;
  /** Bytes eight to twelve of the id, as transactions refer to it. */
  readonly prefix: number;
  /** Slots of this network since its genesis, missed ones included. */
  readonly slot: number;
  readonly timestampMillis: number;
  readonly timestampSeconds: number;
  readonly producer: string;
  readonly lastIrreversible: number;
  /** The latest block that two thirds of the producers had when this one was made (`savanna`), or had built on (`dpos`). */
  readonly supported: number;
  /** `dpos`, by producer: the latest block each has built on, and what was `supported` in its latest block. */
  readonly builtOn: readonly number[];
  readonly proposed: readonly number[];
  readonly previous: Block | null;
  readonly confirmed: number;
  readonly transactionRoot: string;
  readonly actionRoot: string;
  /** `SIG_K1_…` */
  readonly signature: string;
  readonly transactionCount: number;
  readonly cpuMicros: number;
  readonly netBytes: number;
  /** Position among all blocks of all forks. */
  readonly serial: number;
  /** Dropped once no node can fork away from the block any more. */
  applied: readonly AppliedTransaction[] | null;
}

export const emptyBlockId = "0".repeat(64);
