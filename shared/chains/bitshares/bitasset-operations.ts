import { amountOf, type Definition, sender } from "./operation-definition.ts";
import { readAmountOf, settledSymbol } from "./parameters.ts";

/** Named operations on assets that are lent against collateral, or that were. */
export const bitassetOperations: Readonly<Record<string, Definition>> = {
  asset_settle: {
    parameters: ["amount"],
    use: (reader) => {
      const amount = readAmountOf(reader, "amount", settledSymbol);
      return {
        symbols: [amount.symbol],
        spends: amount,
        template: ({ assets: [asset] }) => ({ account: sender, amount: amountOf(amount, asset), extensions: [] }),
      };
    },
  },
  bid_collateral: {
    parameters: ["debt", "collateral"],
    use: (reader) => {
      const debt = readAmountOf(reader, "debt", settledSymbol);
      const collateral = reader.amount("collateral", "0.01..1", '"1..100 BTS"');
      return {
        symbols: [debt.symbol, collateral.symbol],
        holds: collateral,
        template: ({ assets: [asset, backing] }) => ({
          bidder: sender,
          additional_collateral: amountOf(collateral, backing),
          debt_covered: amountOf(debt, asset),
          extensions: [],
        }),
      };
    },
  },
};
