import { systemAccount } from "../chain/objects.ts";
import { nameToNumber } from "../codec/names.ts";
import { ramBytesPerToken } from "../evaluate/resources.ts";
import type { Call } from "./call.ts";
import { toDecimal } from "./render-act.ts";
import { packAsset, toSymbolCode } from "./table-key.ts";
import type { Row } from "./table-row.ts";

/** 64 GiB: so much that what is bought and sold moves the price by nothing that could be paid. */
const marketBytes = 2n ** 36n;
const marketSupply = 100_000_000_000_000n;
const halfWeight = Buffer.alloc(8);
halfWeight.writeDoubleLE(0.5);

/** Of the system contract's tables that clients ask for. */
export function systemRows(table: string, scope: string, call: Call): readonly Row[] {
  if (table === "rammarket") return scope === systemAccount ? [marketRow(call)] : [];
  return table === "delband" ? delegations(scope, call) : [];
}

/** The price of RAM is the same for all bytes here; as the reserves of a market that is what they are to each other. */
function marketRow({ network }: Call): Row {
  const { symbol, precision } = network.parameters.core;
  const quote = (marketBytes * 10n ** BigInt(precision)) / BigInt(ramBytesPerToken);
  const connector = (balance: string) => ({ balance, weight: "0.50000000000000000" });
  return {
    key: (toSymbolCode("RAMCORE") << 8n) | 4n,
    json: {
      supply: `${toDecimal(marketSupply, 4)} RAMCORE`,
      base: connector(`${marketBytes} RAM`),
      quote: connector(`${toDecimal(quote, precision)} ${symbol}`),
    },
    packed: Buffer.concat([
      packAsset(marketSupply, 4, "RAMCORE"),
      ...[packAsset(marketBytes, 0, "RAM"), halfWeight],
      ...[packAsset(quote, precision, symbol), halfWeight],
    ]),
    payer: systemAccount,
  };
}

/** What an account has staked for others and itself, by receiver. */
function delegations(from: string, { node, network }: Call): Row[] {
  const { symbol, precision } = network.parameters.core;
  const write = (amount: bigint): string => `${toDecimal(amount, precision)} ${symbol}`;
  const rows = [...node.chain.state.stakes.entries()].flatMap(([parties, { net, cpu }]): Row[] => {
    const [staker, to = ""] = parties.split(" ");
    if (staker !== from || net + cpu === 0n) return [];
    const names = Buffer.alloc(16);
    names.writeBigUInt64LE(nameToNumber(from), 0);
    names.writeBigUInt64LE(nameToNumber(to), 8);
    return [
      {
        key: nameToNumber(to),
        json: { from, to, net_weight: write(net), cpu_weight: write(cpu) },
        packed: Buffer.concat([names, packAsset(net, precision, symbol), packAsset(cpu, precision, symbol)]),
        payer: from,
      },
    ];
  });
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1));
}
