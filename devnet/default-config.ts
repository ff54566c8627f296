import type { BitsharesDevnetConfigInput } from "../shared/devnet/config.ts";

/** The published development key of Graphene's and EOSIO's genesis examples: public knowledge, worth nothing anywhere else. */
export const developmentKey = {
  privateKey: "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3",
  publicKey: "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
} as const;

const accounts = 100;
const fiftyMillionBts = "5000000000000";
const millionStress = "100000000000";

/** What starts without a configuration: three nodes, accounts stress-0 to stress-99 with BTS and STRESS. */
export const defaultConfig: BitsharesDevnetConfigInput = {
  chain: "bitshares",
  ports: [0, 0, 0],
  genesis: {
    accounts: Array.from({ length: accounts }, (_, index) => ({
      name: `stress-${index}`,
      publicKey: developmentKey.publicKey,
      lifetimeMember: true,
      balances: { BTS: fiftyMillionBts, STRESS: millionStress },
    })),
    assets: [{ symbol: "STRESS", precision: 5, issuer: "stress-0", maxSupply: "1000000000000000" }],
  },
};
