import { amountOf, type Definition, type Fields, sender } from "./operation-definition.ts";
import { readSeconds } from "./parameters.ts";

const daySeconds = 86_400;
/** Before this nothing would be kept from being claimed: the start of all time. */
const always = "1970-01-01T00:00:00";

/** Named operations that put something on the chain which later ones refer to. */
export const heldOperations: Readonly<Record<string, Definition>> = {
  proposal_create: {
    parameters: ["amount", "expiresAfter"],
    use: (reader) => {
      const amount = reader.amount("amount", "0.00001..1", '"1..100 BTS"');
      const seconds = readSeconds(reader, "expiresAfter", daySeconds);
      return {
        symbols: [amount.symbol],
        template: ({ assets: [asset], transferFee }) => ({
          fee_paying_account: sender,
          // Asks another account for money: nothing happens until that one approves.
          proposed_ops: [{ op: [0, transferTo(sender, transferFee, amountOf(amount, asset))] }],
          expiration_time: { $time: `+${seconds}s` },
          extensions: [],
        }),
      };
    },
  },
  vesting_balance_create: {
    parameters: ["amount", "policy", "vests"],
    use: (reader) => {
      const amount = reader.amount("amount", "0.00001..1", '"1..100 BTS"');
      const policy = reader.read("policy", "coin-days", "coin-days or linear", (value) =>
        value === "coin-days" || value === "linear" ? value : null,
      );
      const seconds = readSeconds(reader, "vests", daySeconds);
      return {
        symbols: [amount.symbol],
        spends: amount,
        template: ({ assets: [asset] }) => ({
          creator: sender,
          owner: sender,
          amount: amountOf(amount, asset),
          policy:
            policy === "linear"
              ? [0, { begin_timestamp: { $time: "+0s" }, vesting_cliff_seconds: 0, vesting_duration_seconds: seconds }]
              : [1, { start_claim: always, vesting_seconds: seconds }],
        }),
      };
    },
  },
};

function transferTo(to: unknown, fee: number, amount: unknown): Fields {
  return {
    fee: { amount: fee, asset_id: "1.3.0" },
    from: { $account: "other" },
    to,
    amount,
    extensions: [],
  };
}
