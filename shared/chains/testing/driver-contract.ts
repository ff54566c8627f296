import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { AccountKey, NetworkDescription, PrepareContext, ResolvedChain } from "../driver.ts";
import { describeBroadcasting, describeFollowing } from "./broadcast-contract.ts";
import {
  type ContractNetwork,
  type ContractState,
  type ContractSubject,
  endpointOf,
  seed,
  sequencesFrom,
} from "./contract-subject.ts";
import { type PreparedBody, prepareSome } from "./prepare-some.ts";

const startMs = 90_000;

/** What every driver must keep, whatever its chain: one suite for all of them. */
export function describeDriverContract(subject: ContractSubject): void {
  const { driver } = subject;
  describe(`the driver of ${driver.chain}`, () => {
    const state = {} as ContractState;
    beforeAll(async () => {
      state.network = await subject.startNetwork();
      state.description = await describing(subject, state.network);
      state.resolved = await resolving(subject, state, state.network.accounts);
    }, startMs);
    afterAll(async () => {
      await state.network?.stop();
    });

    describeCatalogue(subject);
    describeNetworks(subject, state);
    describeAccounts(subject, state);
    describePreparing(subject, state);
    describeBroadcasting(subject, state);
    describeFollowing(subject, state);
  });
}

function describing({ driver }: ContractSubject, network: ContractNetwork): Promise<NetworkDescription> {
  const { endpoints, chainId: expectedChainId } = network;
  return driver.describe({ endpoints, expectedChainId, timeoutMs: 10_000, maximumHeadAgeMs: 60_000 });
}

function resolving(
  { driver, workload }: ContractSubject,
  { network, description }: ContractState,
  accounts: readonly AccountKey[],
): Promise<ResolvedChain> {
  return driver.resolve({ endpoint: endpointOf(network), network: description, accounts, workload });
}

function throughJson<T>(value: T): unknown {
  return JSON.parse(JSON.stringify(value));
}

function describeCatalogue({ driver, workload }: ContractSubject): void {
  const { operations } = driver;
  const [entry] = workload.mix;

  test("knows every operation that it lists, and no other", () => {
    const listed = [...operations.named, ...operations.all];
    expect(listed.filter((operation) => !operations.knows(operation))).toEqual([]);
    expect(operations.knows("no such operation")).toBe(false);
  });

  test("finds nothing wrong with an entry that is right, and the place where one is not", () => {
    if (entry === undefined) throw new Error("the workload has no entry");
    expect(operations.validate(entry)).toEqual([]);
    const parameters = { ...entry.parameters, noSuchParameter: 1 };
    const [problem, ...others] = operations.validate({ ...entry, parameters });
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path: "noSuchParameter", expected: expect.stringMatching(/\S/) });
  });
}

function describeNetworks(subject: ContractSubject, state: ContractState): void {
  const { driver } = subject;

  test("describes the network that the nodes form, as plain data", () => {
    const { description, network } = state;
    expect(description).toMatchObject({ chain: driver.chain, chainId: network.chainId });
    expect(description.nodes.map(({ name, endpoint }) => [name, endpoint])).toEqual(
      network.endpoints.map((endpoint, i) => [`node-${i + 1}`, endpoint]),
    );
    expect(description.irreversibleNumber).toBeLessThanOrEqual(description.headNumber);
    const { blockIntervalMs, maximumBlockBytes, maximumTransactionBytes, maximumLifetimeSeconds, producers } =
      description;
    for (const bound of [
      blockIntervalMs,
      maximumBlockBytes,
      maximumTransactionBytes,
      maximumLifetimeSeconds,
      producers,
    ]) {
      expect(bound).toBeGreaterThan(0);
    }
    const measures = driver.vocabulary.blockUsage.map(({ key }) => key);
    expect(measures).toEqual(expect.arrayContaining(Object.keys(description.blockLimits)));
    expect(throughJson(description)).toEqual(description);
  });

  test("refuses nodes of another chain and nodes that are not there, by name", async () => {
    const { endpoints } = state.network;
    const options = { timeoutMs: 5000, maximumHeadAgeMs: 60_000 };
    const other = driver.describe({ ...options, endpoints, expectedChainId: "0".repeat(64) });
    await expect(other).rejects.toMatchObject({ code: "NETWORK_MISMATCH" });
    const gone = new URL(endpointOf(state.network));
    gone.port = "1";
    const missing = gone.href.replace(/\/$/, "");
    const failure = driver.describe({ ...options, endpoints: [...endpoints, missing], expectedChainId: null });
    await expect(failure).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE", problems: [{ path: missing }] });
  });

  test("refers to an irreversible block", async () => {
    const reference = await driver.reference(endpointOf(state.network));
    const { headNumber } = await describing(subject, state.network);
    expect(reference.blockNumber).toBeLessThanOrEqual(headNumber);
    expect(reference.blockId).toMatch(/^[0-9a-f]{16,}$/);
    expect(Math.abs(Date.now() - reference.chainTimeMs)).toBeLessThan(120_000);
  });
}

function describeAccounts(subject: ContractSubject, state: ContractState): void {
  const { driver, workload } = subject;

  test("finds the accounts in their order, as plain data", () => {
    const { resolved, network } = state;
    expect(resolved.accounts.map(({ name, privateKey }) => ({ name, privateKey }))).toEqual(network.accounts);
    expect(resolved.pools).toHaveLength(workload.mix.length);
    expect(throughJson(resolved)).toEqual(resolved);
  });

  test("names each account that is not there and each key that is not the account's", async () => {
    const [first, second, ...others] = state.network.accounts;
    if (first === undefined || second === undefined) throw new Error("the network has too few accounts");
    const strangers = ["strangera", "strangerb"].map((name) => ({ ...first, name }));
    await expect(resolving(subject, state, [...others, ...strangers])).rejects.toMatchObject({
      code: "ACCOUNT_MISSING",
      problems: [expect.anything(), expect.anything()],
    });
    const swapped = { ...first, privateKey: second.privateKey };
    const failure: unknown = await resolving(subject, state, [swapped, ...others]).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "ACCOUNT_KEY", problems: [expect.anything()] });
    expect(JSON.stringify(failure)).not.toContain(second.privateKey);
  });

  test("estimates costs that grow with the load and never shrink what there is", () => {
    const [few, many] = [10, 1000].map((count) => driver.cost(state.resolved, workload, [count]));
    expect(many?.lines.length).toBeGreaterThan(0);
    for (const [i, line] of (many?.lines ?? []).entries()) {
      const before = few?.lines[i];
      expect(line).toMatchObject({ asset: before?.asset, available: before?.available });
      expect(BigInt(line.needed)).toBeGreaterThanOrEqual(BigInt(before?.needed ?? "0"));
    }
    expect(many?.lines.some((line, i) => BigInt(line.needed) > BigInt(few?.lines[i]?.needed ?? "0"))).toBe(true);
  });

  test("makes the same genesis of the same seed", () => {
    const options = { accounts: 3, balance: `1000 ${state.description.coreSymbol}`, workload, poolNeeds: [10] };
    const genesis = () => driver.embeddedGenesis({ seed, ...options });
    let made: ReturnType<typeof genesis>;
    try {
      made = genesis();
    } catch (error) {
      // A chain that the devnet does not speak has none, and says so in a way that a user can act on.
      expect(error).toMatchObject({ code: "SCENARIO_INVALID" });
      return;
    }
    expect(genesis()).toEqual(made);
    expect(made.accounts).toHaveLength(3);
    const { privateKey } = driver.embeddedGenesis({ seed: seed + 1, ...options }).accounts[0] as AccountKey;
    expect(made.accounts.map((account) => account.privateKey)).not.toContain(privateKey);
    expect(JSON.stringify(made.genesis)).not.toContain(made.accounts[0]?.privateKey);
  });
}

function describePreparing(subject: ContractSubject, state: ContractState): void {
  const { driver, workload } = subject;
  const expirationSeconds = Math.ceil(Date.now() / 1000) + 60;

  async function contextOf(): Promise<PrepareContext> {
    const reference = await driver.reference(endpointOf(state.network));
    const { description: network, resolved } = state;
    return throughJson({ chain: driver.chain, seed, network, workload, resolved, reference }) as PrepareContext;
  }

  test("prepares the same transactions from the same context, whatever was prepared before", async () => {
    const context = await contextOf();
    const prepare = (sequences: readonly number[]): PreparedBody[] =>
      prepareSome({ preparer: driver.createPreparer(context), workload, seed, sequences, expirationSeconds });
    const all = prepare(sequencesFrom(0, 40));
    expect(prepare(sequencesFrom(0, 40).reverse()).reverse()).toEqual(all);
    expect(prepare([39])).toEqual(all.slice(39));
    for (const { body, packedBytes } of all) {
      expect(body.length).toBeGreaterThan(0);
      expect(packedBytes).toBeGreaterThan(0);
    }
  });

  test("never prepares two transactions that are the same", async () => {
    const preparer = driver.createPreparer(await contextOf());
    const keys = prepareSome({ preparer, workload, seed, sequences: sequencesFrom(0, 2000), expirationSeconds });
    expect(new Set(keys.map(({ matchKey }) => matchKey)).size).toBe(2000);
  });

  test("writes nothing where there is no room", async () => {
    const preparer = driver.createPreparer(await contextOf());
    const target = new Uint8Array(8);
    const prepared = { bodyBytes: 0, packedBytes: 0, matchKeyHigh: 0, matchKeyLow: 0 };
    const poolOrdinals = new Uint32Array(1);
    const request = { sequence: 1, expirationSeconds, entries: new Uint16Array(1), operations: 1, poolOrdinals };
    expect(preparer.prepare(request, target, 0, prepared)).toBe(false);
    preparer.complete();
    expect(target).toEqual(new Uint8Array(8));
  });
}
