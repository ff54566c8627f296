import { describe, expect, test } from "@jest/globals";
import { waitUntil } from "../../time/wait.ts";
import type { BlockFollower, Broadcaster, FollowHandlers, ObservedBlock } from "../driver.ts";
import type { Reason } from "../outcome.ts";
import { type ContractState, type ContractSubject, endpointOf, prepareFor, sequencesFrom } from "./contract-subject.ts";
import type { PreparedBody } from "./prepare-some.ts";

const within = (what: string, timeoutMs = 15_000) => ({ timeoutMs, onTimeout: () => new Error(`no ${what} in time`) });

/** A broadcaster with everything that it told. */
class Sending {
  readonly answers = new Map<number, Reason>();
  readonly messages = new Map<number, string | null>();
  readonly unanswered = new Map<number, Reason>();
  readonly connections: (readonly [open: number, error: string | null])[] = [];
  readonly broadcaster: Broadcaster;
  /** Tokens that were told twice. */
  readonly repeated: number[] = [];

  constructor({ driver }: ContractSubject, { resolved }: ContractState, endpoint: string, connections: number) {
    const told = (token: number): void => {
      if (this.answers.has(token) || this.unanswered.has(token)) this.repeated.push(token);
    };
    this.broadcaster = driver.openBroadcaster({
      endpoint,
      connections,
      connectTimeoutMs: 5000,
      data: resolved.data,
      handlers: {
        onAnswer: (token, reason, _at, message) => {
          told(token);
          this.answers.set(token, reason);
          this.messages.set(token, message);
        },
        onUnanswered: (token, reason) => {
          told(token);
          this.unanswered.set(token, reason);
        },
        onConnections: (open, error) => this.connections.push([open, error]),
      },
    });
  }

  /** Sends as soon as there is room. */
  async send(bodies: readonly PreparedBody[], firstToken: number): Promise<void> {
    for (const [i, { body }] of bodies.entries()) {
      await waitUntil(() => this.broadcaster.hasRoom, { ...within("room"), everyMs: 1 });
      expect(this.broadcaster.send(firstToken + i, body)).toBe(true);
      this.broadcaster.flush();
    }
  }

  async answered(tokens: number): Promise<void> {
    await waitUntil(() => this.answers.size + this.unanswered.size >= tokens, within(`answers to ${tokens}`));
  }
}

async function withSending<T>(
  subject: ContractSubject,
  state: ContractState,
  work: (sending: Sending) => Promise<T>,
  { endpoint = endpointOf(state.network), connections = 2 } = {},
): Promise<T> {
  const sending = new Sending(subject, state, endpoint, connections);
  try {
    await sending.broadcaster.open();
    return await work(sending);
  } finally {
    await sending.broadcaster.close();
  }
}

export function describeBroadcasting(subject: ContractSubject, state: ContractState): void {
  const { driver } = subject;

  describe("broadcasting", () => {
    test("opens as many connections as it is told, and sends nothing once it is closed", async () => {
      const [body] = await prepareFor(subject, state, { sequences: [10_000], lifetimeSeconds: 60 });
      const sending = new Sending(subject, state, endpointOf(state.network), 3);
      await sending.broadcaster.open();
      expect(sending.broadcaster.openConnections).toBe(3);
      await sending.broadcaster.close();
      expect(sending.broadcaster.openConnections).toBe(0);
      expect(sending.broadcaster.hasRoom).toBe(false);
      expect(sending.broadcaster.send(1, (body as PreparedBody).body)).toBe(false);
      expect(sending.answers.size + sending.unanswered.size).toBe(0);
    });

    test("gives up on a node that is not there", async () => {
      const gone = new URL(endpointOf(state.network));
      gone.port = "1";
      const sending = new Sending(subject, state, gone.href.replace(/\/$/, ""), 1);
      await expect(sending.broadcaster.open()).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
      await sending.broadcaster.close();
    });

    test("tells of each transaction once that it was accepted", async () => {
      const bodies = await prepareFor(subject, state, { sequences: sequencesFrom(100, 50), lifetimeSeconds: 60 });
      await withSending(subject, state, async (sending) => {
        await sending.send(bodies, 500);
        await sending.answered(50);
        expect([...sending.answers.keys()].sort((a, b) => a - b)).toEqual(sequencesFrom(500, 50));
        expect(new Set(sending.answers.values())).toEqual(new Set(["none"]));
        expect(sending.repeated).toEqual([]);
        expect(sending.broadcaster.inFlight).toBe(0);
      });
    });

    test("tells a duplicate, an expired one and one with a stranger's key from each other", async () => {
      const { resolved } = state;
      const [good] = await prepareFor(subject, state, { sequences: [300], lifetimeSeconds: 60 });
      const [late] = await prepareFor(subject, state, { sequences: [301], lifetimeSeconds: -30 });
      const keys = resolved.accounts.map((account) => account.privateKey);
      const accounts = resolved.accounts.map((account, i) => ({
        ...account,
        privateKey: keys[(i + 1) % keys.length] as string,
      }));
      const [forged] = await prepareFor(subject, state, {
        ...{ sequences: [302], lifetimeSeconds: 60 },
        resolved: { ...resolved, accounts },
      });
      await withSending(subject, state, async (sending) => {
        for (const [i, body] of [good, good, late, forged].entries()) {
          await sending.send([body as PreparedBody], i);
          await sending.answered(i + 1);
        }
        expect([0, 1, 2, 3].map((token) => sending.answers.get(token))).toEqual([
          "none",
          "duplicate",
          "expired",
          "missing-authority",
        ]);
        expect(sending.messages.get(0)).toBeNull();
        for (const token of [1, 2, 3]) expect(sending.messages.get(token)).toMatch(/\S/);
      });
    });

    test("says what stays without an answer when its connection breaks, and connects again by itself", async () => {
      const bodies = await prepareFor(subject, state, { sequences: sequencesFrom(400, 2), lifetimeSeconds: 60 });
      const proxy = await subject.openProxy(endpointOf(state.network));
      try {
        await withSending(
          subject,
          state,
          async (sending) => {
            await sending.send(bodies.slice(0, 1), 1);
            await sending.answered(1);
            proxy.cut();
            // Some protocols only notice when they next send.
            if (sending.broadcaster.send(2, (bodies[1] as PreparedBody).body)) await sending.answered(2);
            await waitUntil(() => sending.broadcaster.openConnections === 0, within("loss"));
            expect(sending.broadcaster.hasRoom).toBe(false);
            expect(sending.connections.at(-1)).toEqual([0, expect.stringMatching(/\S/)]);
            expect([...sending.unanswered.values()].filter((reason) => reason !== "connection-lost")).toEqual([]);
            proxy.heal();
            await waitUntil(() => sending.broadcaster.openConnections === 1, within("connection"));
            await sending.send(bodies.slice(1), 3);
            await waitUntil(() => sending.answers.has(3), within("answer"));
            expect(sending.answers.get(3)).toMatch(/^(none|duplicate)$/);
          },
          { endpoint: proxy.endpoint, connections: 1 },
        );
      } finally {
        await proxy.close();
      }
    });
  });

  test("counts a connection that carries one request at a time as full until the answer comes", async () => {
    const bodies = await prepareFor(subject, state, { sequences: sequencesFrom(420, 2), lifetimeSeconds: 60 });
    await withSending(
      subject,
      state,
      async ({ broadcaster, answers }) => {
        expect(broadcaster.send(1, (bodies[0] as PreparedBody).body)).toBe(true);
        expect(broadcaster.inFlight).toBe(1);
        const { hasRoom } = broadcaster;
        expect(broadcaster.send(2, (bodies[1] as PreparedBody).body)).toBe(hasRoom);
        broadcaster.flush();
        await waitUntil(() => answers.size === (hasRoom ? 2 : 1), within("answers"));
        expect(broadcaster.hasRoom).toBe(true);
      },
      { connections: 1 },
    );
  });

  test(`has a number of connections of its own (${driver.defaultConnectionsPerNode})`, () => {
    expect(driver.defaultConnectionsPerNode).toBeGreaterThanOrEqual(1);
  });
}

/** A follower with everything that it told. */
class Following {
  readonly heads: Parameters<FollowHandlers["onHead"]>[0][] = [];
  irreversible = 0;
  readonly follower: BlockFollower;

  constructor({ driver }: ContractSubject, endpoint: string, afterBlock: number) {
    this.follower = driver.follow({
      endpoint,
      afterBlock,
      handlers: {
        onHead: (head) => this.heads.push(head),
        onIrreversible: (number) => {
          this.irreversible = Math.max(this.irreversible, number);
        },
        onTrouble: () => undefined,
        onConnected: () => undefined,
      },
    });
  }
}

export function describeFollowing(subject: ContractSubject, state: ContractState): void {
  const { driver } = subject;

  test("follows the blocks of a node, in which it finds what was sent and what it used up", async () => {
    const node = state.network.endpoints.length - 1;
    const endpoint = endpointOf(state.network, node);
    const { headNumber } = await driver.describe({
      ...{ endpoints: [endpoint], expectedChainId: null, timeoutMs: 5000, maximumHeadAgeMs: 60_000 },
    });
    const following = new Following(subject, endpoint, headNumber);
    const { follower, heads } = following;
    try {
      await waitUntil(() => heads.length > 0, within("head"));
      const bodies = await prepareFor(subject, state, { sequences: sequencesFrom(500, 20), lifetimeSeconds: 60 });
      await withSending(subject, state, async (sending) => {
        await sending.send(bodies, 0);
        await sending.answered(bodies.length);
        expect(new Set(sending.answers.values())).toEqual(new Set(["none"]));
      });
      const wanted = new Set(bodies.map(({ matchKey }) => matchKey));
      const found = new Map<bigint, ObservedBlock>();
      const blocks: ObservedBlock[] = [];
      await waitUntil(
        async () => {
          for (const head of heads.slice(blocks.length)) {
            const block = await follower.fetchBlock(head.number);
            if (block === null) throw new Error(`no block ${head.number}`);
            blocks.push(block);
            for (const key of block.matchKeys) if (wanted.has(key)) found.set(key, block);
          }
          return found.size === wanted.size && blocks.length >= 3;
        },
        within("inclusion", 25_000),
      );
      expectChain(heads, blocks, headNumber);
      for (const block of found.values())
        expectUsage(
          block,
          driver.vocabulary.blockUsage.map(({ key }) => key),
        );
      await waitUntil(() => following.irreversible > headNumber, within("irreversible block", 60_000));
      expect(following.irreversible).toBeLessThanOrEqual(heads.at(-1)?.number ?? 0);
      expect(follower.connected).toBe(true);
      expect(await follower.fetchBlock(headNumber + 1_000_000)).toBeNull();
    } finally {
      await follower.close();
    }
    expect(follower.connected).toBe(false);
    // Its node goes on making blocks; two of them are time enough for one that was not stopped.
    const told = heads.length;
    const { blockIntervalMs } = state.description;
    const start = Date.now();
    await waitUntil(() => Date.now() - start > 2 * blockIntervalMs, within("time"));
    expect(heads).toHaveLength(told);
  }, 120_000);
}

function expectChain(heads: Following["heads"], blocks: readonly ObservedBlock[], after: number): void {
  expect(heads[0]?.number).toBeGreaterThan(after);
  for (const [i, block] of blocks.entries()) {
    const [head, before] = [heads[i], blocks[i - 1]];
    expect(block).toMatchObject({ number: head?.number, id: head?.id });
    expect(block.matchKeys).toHaveLength(block.transactions);
    expect(block.operations).toBeGreaterThanOrEqual(block.transactions);
    if (before === undefined) continue;
    expect(block).toMatchObject({ number: before.number + 1, previousId: before.id });
    expect(block.timestampMs).toBeGreaterThan(before.timestampMs);
    expect(head?.arrivedMicros).toBeGreaterThanOrEqual(heads[i - 1]?.arrivedMicros ?? 0);
  }
}

function expectUsage(block: ObservedBlock, keys: readonly string[]): void {
  expect(block.bytes).toBeGreaterThan(0);
  expect(block.producer).toMatch(/\S/);
  expect(Object.keys(block.usage).sort()).toEqual([...keys].sort());
  for (const key of keys) expect(block.usage[key]).toBeGreaterThan(0);
}
