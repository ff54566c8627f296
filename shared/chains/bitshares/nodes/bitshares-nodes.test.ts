import { createHash } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { PrivateKey } from "bitsharesjs";
import type { FoundingOptions } from "../../node-networks.ts";
import { publicKeyText } from "../keys.ts";
import { bitsharesNodes } from "./bitshares-nodes.ts";
import { addressOf } from "./genesis.ts";

/**
 * Fields that bitshares-core 7.0.2 reflects of a genesis, which a file of its own must have: `genesis_state_type` in
 * libraries/chain/genesis_state.cpp, `chain_parameters` in libraries/protocol.
 */
const genesisFields = [
  ...["initial_timestamp", "max_core_supply", "initial_parameters", "immutable_parameters", "initial_accounts"],
  ...["initial_assets", "initial_balances", "initial_vesting_balances", "initial_active_witnesses"],
  ...["initial_witness_candidates", "initial_committee_candidates", "initial_worker_candidates"],
];
const parameterFields = [
  ...["current_fees", "block_interval", "maintenance_interval", "maintenance_skip_slots"],
  ...["committee_proposal_review_period", "maximum_transaction_size", "maximum_block_size"],
  ...["maximum_time_until_expiration", "maximum_proposal_lifetime", "maximum_asset_whitelist_authorities"],
  ...["maximum_asset_feed_publishers", "maximum_witness_count", "maximum_committee_count"],
  ...["maximum_authority_membership", "reserve_percent_of_fee", "network_percent_of_fee"],
  ...["lifetime_referrer_percent_of_fee", "cashback_vesting_period_seconds", "cashback_vesting_threshold"],
  ...["count_non_member_votes", "allow_non_member_whitelists", "witness_pay_per_block", "worker_budget_per_day"],
  ...["max_predicate_opcode", "fee_liquidation_threshold", "accounts_per_fee_scale", "account_fee_scale_bitshifts"],
  ...["max_authority_depth", "extensions"],
];

const node = (name: string, role: "producer" | "backup" | "seed" | "full", ...peers: string[]) => ({
  name,
  role,
  peers,
});

function founding(changes: Partial<FoundingOptions> = {}): FoundingOptions {
  return {
    nodes: [
      node("producer-1", "producer"),
      node("producer-2", "producer", "producer-1:1776"),
      node("backup-1", "backup", "producer-1:1776"),
      node("seed-1", "seed", "producer-1:1776"),
      node("full-1", "full", "producer-1:1776", "seed-1:1776"),
    ],
    accounts: { count: 4, balance: "1000 BTS" },
    settings: { witnesses: 5, blockIntervalMs: 3000 },
    parameters: { maximumTransactionBytes: 65_536, maximumBlockBytes: 2_000_000, maximumLifetimeSeconds: 86_400 },
    secret: "of this test",
    nowMs: Date.UTC(2026, 0, 1, 12, 0, 4),
    ...changes,
  };
}

function fileOf(name: string, file: string, options = founding()): string {
  const { files } = bitsharesNodes.found(options);
  return files.find((one) => one.node === name && one.name === file)?.content ?? "";
}

interface Genesis {
  readonly [field: string]: unknown;
  readonly initial_parameters: Record<string, unknown> & { readonly current_fees: { readonly parameters: unknown[] } };
  readonly initial_accounts: readonly { readonly name: string; readonly owner_key: string }[];
  readonly initial_witness_candidates: readonly { readonly owner_name: string }[];
}

describe("the genesis of a network of bitshares-core", () => {
  const genesis = JSON.parse(fileOf("full-1", "genesis.json")) as Genesis;

  test("has the fields that the program reads, and no others", () => {
    expect(Object.keys(genesis).sort()).toEqual([...genesisFields].sort());
    expect(Object.keys(genesis.initial_parameters).sort()).toEqual([...parameterFields].sort());
    expect(genesis.immutable_parameters).toEqual({
      min_committee_member_count: 5,
      min_witness_count: 5,
      num_special_accounts: 0,
      num_special_assets: 0,
    });
  });

  test("names only accounts that it makes, each with a key of the right form", () => {
    const names = genesis.initial_accounts.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(["init0", "init1", "init2", "init3", "init4", "loadstone-treasurer"]);
    for (const { owner_name } of genesis.initial_witness_candidates) expect(names).toContain(owner_name);
    for (const { owner_key } of genesis.initial_accounts) expect(owner_key).toMatch(/^BTS[1-9A-HJ-NP-Za-km-z]{50}$/);
  });

  test("begins at a slot, and gives all there is to an address that the treasurer can claim", () => {
    expect(genesis.initial_timestamp).toBe("2026-01-01T12:00:03");
    const { funder } = bitsharesNodes.found(founding());
    const key = publicKeyText(PrivateKey.fromWif(funder.privateKey).toBuffer(), "BTS");
    expect(genesis.initial_accounts).toContainEqual(expect.objectContaining({ name: funder.name, owner_key: key }));
    expect(genesis.initial_balances).toEqual([
      { owner: addressOf(key), asset_symbol: "BTS", amount: "1000000000000000" },
    ]);
  });

  test("addresses are those of the program: the development key's is in its own genesis", () => {
    const developmentKey = "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV";
    expect(addressOf(developmentKey)).toBe("BTSFAbAx7yuxt725qSZvfwWqkdCwp9ZnUama");
  });

  test("is the same for every node, and its hash is the chain's id", () => {
    const { files, chainId } = bitsharesNodes.found(founding());
    const texts = files.filter(({ name }) => name === "genesis.json").map(({ content }) => content);
    expect(texts).toHaveLength(5);
    expect(new Set(texts).size).toBe(1);
    expect(
      createHash("sha256")
        .update(texts[0] as string)
        .digest("hex"),
    ).toBe(chainId);
  });
});

describe("what nodes are told", () => {
  test("each witness makes blocks at one producer, and a backup has the first one's keys for later", () => {
    const idsIn = (text: string) => [...text.matchAll(/witness-id = "(1\.6\.\d+)"/g)].map(([, id]) => id);
    expect(idsIn(fileOf("producer-1", "config.ini"))).toEqual(["1.6.1", "1.6.3", "1.6.5"]);
    expect(idsIn(fileOf("producer-2", "config.ini"))).toEqual(["1.6.2", "1.6.4"]);
    const backup = fileOf("backup-1", "config.ini");
    expect(idsIn(backup)).toEqual([]);
    expect(idsIn(fileOf("backup-1", "take-over.ini"))).toEqual(["1.6.1", "1.6.3", "1.6.5"]);
    const keysIn = (text: string) => [...text.matchAll(/private-key = .*/g)].map(([line]) => line);
    expect(keysIn(backup)).toEqual(keysIn(fileOf("producer-1", "config.ini")));
    for (const name of ["seed-1", "full-1"]) expect(keysIn(fileOf(name, "config.ini"))).toEqual([]);
  });

  test("nobody dials the public network, or anybody but the peers of the topology", () => {
    expect(fileOf("producer-1", "config.ini")).toContain("seed-nodes = []\n");
    const full = fileOf("full-1", "config.ini");
    expect(full).toContain('seed-nodes = ["producer-1:1776","seed-1:1776"]\n');
    expect(full).toContain("p2p-connect-to-new-peers = false\n");
  });

  test("only full nodes can be reached by clients", () => {
    expect(fileOf("full-1", "config.ini")).toContain("rpc-endpoint = 0.0.0.0:8090\n");
    for (const name of ["producer-1", "backup-1", "seed-1"]) {
      expect(fileOf(name, "config.ini")).toContain("rpc-endpoint = 127.0.0.1:8090\n");
    }
  });

  test("one node alone begins on the old genesis", () => {
    const starters = ["producer-1", "producer-2", "backup-1", "seed-1", "full-1"].filter((name) =>
      fileOf(name, "config.ini").includes("enable-stale-production = true"),
    );
    expect(starters).toEqual(["producer-1"]);
  });

  test("keys follow from the secret", () => {
    const other = founding({ secret: "another" });
    expect(fileOf("producer-1", "config.ini", other)).not.toBe(fileOf("producer-1", "config.ini"));
    expect(fileOf("producer-1", "config.ini")).toBe(fileOf("producer-1", "config.ini"));
  });
});

test("what the program would refuse at its start is refused before, all at once", () => {
  const options = founding({
    settings: { witnesses: 4, blockIntervalMs: 1500 },
    accounts: { count: 4, balance: "2500000001 BTS" },
  });
  expect(() => bitsharesNodes.found(options)).toThrow(
    expect.objectContaining({
      code: "PLAN_IMPOSSIBLE",
      problems: [
        expect.objectContaining({ path: "accounts.balance" }),
        expect.objectContaining({ path: "network.embedded.witnesses", value: "4" }),
        expect.objectContaining({ path: "network.embedded.blockInterval" }),
      ],
    }),
  );
});
