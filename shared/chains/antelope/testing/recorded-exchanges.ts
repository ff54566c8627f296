import { readFileSync } from "node:fs";

/** What was sent to a real node and what it answered. */
export interface Exchange {
  readonly name: string;
  readonly path: string;
  readonly send: string;
  readonly status: number;
  readonly receive: string;
  readonly id?: string;
}

export function recordedExchanges(file: "blocks" | "broadcast" | "chain"): readonly Exchange[] {
  const url = new URL(`../../../../test/fixtures/antelope/${file}.json`, import.meta.url);
  return (JSON.parse(readFileSync(url, "utf8")) as { exchanges: Exchange[] }).exchanges;
}

/** Hexadecimal bytes of the ABI that a real node has of eosio.token. */
export function recordedTokenAbi(): string {
  const exchange = recordedExchanges("chain").find(({ name }) => name === "raw abi");
  const { abi } = JSON.parse(exchange?.receive ?? "{}") as { abi: string };
  return Buffer.from(abi, "base64").toString("hex");
}
