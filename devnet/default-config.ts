import type { AntelopeDevnetConfigInput, BitsharesDevnetConfigInput } from "../shared/devnet/config.ts";

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

/** What `--chain antelope` starts: three nodes, accounts stress1111a to … with EOS and STRESS. */
export const defaultAntelopeConfig: AntelopeDevnetConfigInput = {
  chain: "antelope",
  ports: [0, 0, 0],
  genesis: {
    accounts: Array.from({ length: accounts }, (_, index) => ({
      name: antelopeAccountName(index),
      publicKey: developmentKey.antelopePublicKey,
      balances: { EOS: millionEos, STRESS: millionEos },
    })),
    tokens: [
      { symbol: "EOS", precision: 4, maxSupply: "100000000000000" },
      { symbol: "STRESS", precision: 4, maxSupply: "100000000000000" },
    ],
  },
};

/** Names have only the digits 1 to 5, so numbers are written in base 5: stress.11111, stress.11112, … */
function antelopeAccountName(index: number): string {
  const digits = index.toString(5).padStart(5, "0");
  return `stress.${digits.replace(/\d/g, (digit) => String(Number(digit) + 1))}`;
}
