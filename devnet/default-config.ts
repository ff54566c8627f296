import type { AntelopeDevnetConfigInput, BitsharesDevnetConfigInput } from "../shared/devnet/config.ts";
import { toLetters } from "../shared/workload/letters.ts";

/** The published development key of Graphene's and EOSIO's genesis examples: public knowledge, worth nothing anywhere else. */
export const developmentKey = {
  privateKey: "5KQwrPbwdL6PhXujxW37FSSQZ1JiwsST4cqQzDeyXtP79zkvFD3",
  publicKey: "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
  /** The same key as Antelope writes it. */
  antelopePublicKey: "EOS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV",
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

const millionEos = "10000000000";

/** What `--chain antelope` starts: three nodes, accounts stress1aaaaa and on with EOS and STRESS. */
export const defaultAntelopeConfig: AntelopeDevnetConfigInput = {
  chain: "antelope",
  ports: [0, 0, 0],
  genesis: {
    accounts: Array.from({ length: accounts }, (_, index) => ({
      name: `stress1${toLetters(index, 5)}`,
      publicKey: developmentKey.antelopePublicKey,
      balances: { EOS: millionEos, STRESS: millionEos },
    })),
    tokens: [
      { symbol: "EOS", precision: 4, maxSupply: "100000000000000" },
      { symbol: "STRESS", precision: 4, maxSupply: "100000000000000" },
    ],
  },
};
