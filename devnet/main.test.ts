import { createServer } from "node:net";
import { expect, test } from "@jest/globals";
import { DevnetProcess } from "./testing/devnet-process.ts";
import { RpcClient } from "./testing/rpc-client.ts";

const account = { name: "stress-0", publicKey: "BTS6MRyAjQq8ud7hVNYcfnVPJqcVpscN5So8BhtHuGYqET5GDW5CV" };

test("a configuration on stdin starts it, and the end of stdin ends it", async () => {
  const devnet = new DevnetProcess(["--config", "-", "--watch-stdin"]);
  devnet.child.stdin.write(
    `${JSON.stringify({ chain: "bitshares", ports: [0, 0], genesis: { accounts: [account] } })}\n`,
  );
  const ready = await devnet.ready();
  expect(ready.nodes.map(({ name }) => name)).toEqual(["node-0", "node-1"]);
  const client = await RpcClient.connect(ready.nodes[1]!.url);
  expect(await client.call("database", "get_chain_id", [])).toBe(ready.chainId);
  expect(devnet.child.exitCode).toBeNull();
  devnet.child.stdin.end();
  expect(await devnet.exitCode()).toBe(0);
  expect(devnet.stdout.trim().split("\n")).toHaveLength(1);
  client.close();
});

test("without a configuration it starts a network of its own and says how to reach it; SIGTERM ends it", async () => {
  const devnet = new DevnetProcess([]);
  const ready = await devnet.ready();
  expect(ready.nodes).toHaveLength(3);
  const client = await RpcClient.connect(ready.nodes[0]!.url);
  const [found] = await client.call<readonly { readonly name: string }[]>("database", "lookup_account_names", [
    ["stress-99"],
  ]);
  expect(found?.name).toBe("stress-99");
  client.close();
  devnet.child.kill("SIGTERM");
  expect(await devnet.exitCode()).toBe(0);
  expect(devnet.stderr).toContain(ready.nodes[0]!.url);
});

test("a bad configuration is refused with everything that is wrong with it", async () => {
  const devnet = new DevnetProcess(["--config", "-"]);
  const config = {
    chain: "bitshares",
    ports: [-1],
    blockIntervalMs: 10,
    speed: 3,
    genesis: { accounts: [{ name: "stress-0" }] },
  };
  devnet.child.stdin.end(JSON.stringify(config));
  expect(await devnet.exitCode()).toBe(104);
  expect(devnet.stdout).toBe("");
  for (const path of ["ports[0]", "blockIntervalMs", "speed", "genesis.accounts[0].publicKey"]) {
    expect(devnet.stderr).toContain(path);
  }
});

test("a port that is taken is named", async () => {
  const taken = createServer();
  const port = await new Promise<number>((resolve) => {
    taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { readonly port: number }).port));
  });
  const devnet = new DevnetProcess(["--config", "-"]);
  devnet.child.stdin.end(JSON.stringify({ chain: "bitshares", ports: [0, port], genesis: { accounts: [account] } }));
  expect(await devnet.exitCode()).toBe(113);
  expect(devnet.stderr).toContain(String(port));
  taken.close();
});

test("an option that does not exist is a mistake in usage", async () => {
  const devnet = new DevnetProcess(["--speed", "3"]);
  expect(await devnet.exitCode()).toBe(2);
  expect(devnet.stderr).toContain("speed");
});

test("--chain antelope starts an Antelope network", async () => {
  const devnet = new DevnetProcess(["--chain", "antelope"]);
  const ready = await devnet.ready();
  expect(ready.nodes).toHaveLength(3);
  const response = await fetch(`${ready.nodes[2]!.url}/v1/chain/get_info`);
  expect(await response.json()).toMatchObject({ chain_id: ready.chainId });
  devnet.child.kill("SIGTERM");
  expect(await devnet.exitCode()).toBe(0);
  expect(devnet.stderr).toContain("stress1aaaaa");
});
