import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChainDriver } from "../../shared/chains/driver.ts";
import type { ContractNetwork, ContractProxy } from "../../shared/chains/testing/contract-subject.ts";
import { uniformWorkload } from "../../shared/chains/testing/uniform-workload.ts";
import { devnetReadySchema } from "../../shared/devnet/config.ts";
import { Program, temporaryFolder } from "./programs.ts";
import { TcpProxy } from "./tcp-proxy.ts";

/** Payments, which every chain has under this name. */
export const transfers = uniformWorkload(["transfer"]);

/** A devnet of the driver's chain, as a process of its own. */
export async function startDevnet(driver: ChainDriver, balance: string): Promise<ContractNetwork> {
  const folder = await temporaryFolder();
  const { accounts, genesis } = driver.embeddedGenesis({
    ...{ seed: 3, accounts: 8, balance, workload: transfers, poolNeeds: [1000] },
  });
  const config = join(folder.path, "devnet.json");
  await writeFile(config, JSON.stringify({ chain: driver.chain, ports: [0, 0], genesis }));
  const devnet = new Program("devnet", ["--config", config, "--watch-stdin"]);
  const [line] = await devnet.says(/\{"event":"ready".*\}/);
  const { nodes, chainId } = devnetReadySchema.parse(JSON.parse(line));
  return {
    endpoints: nodes.map(({ url }) => url),
    chainId,
    accounts,
    async stop() {
      devnet.signal("SIGTERM");
      await devnet.finished;
      await folder.remove();
    },
  };
}

export async function openProxy(endpoint: string): Promise<ContractProxy> {
  const url = new URL(endpoint);
  const proxy = await TcpProxy.to(Number(url.port));
  url.port = String(proxy.port);
  return {
    endpoint: url.href.replace(/\/$/, ""),
    cut: () => proxy.cut(),
    heal: () => proxy.heal(),
    close: () => proxy.close(),
  };
}
