// How well the program in this container is: `node healthcheck.mjs overseer|beacon|devnet`, exit code 0 or 1.
import { readFile } from "node:fs/promises";
import { connect } from "node:tls";

/** Below the five seconds after which the engine gives up. */
const timeoutMs = 3000;

const checks = {
  /** Its door for beacons answers. Closed once the run's results are in. */
  overseer: async () => {
    const [, port = "7411"] = /:(\d+)$/.exec((await optionOf("listen")) ?? "") ?? [];
    if ((await optionOf("tls-cert")) !== undefined) return greet("127.0.0.1", Number(port));
    const status = await statusOf("127.0.0.1", Number(port), "/healthz");
    if (status !== 200) throw new Error(`the door answers ${status}`);
  },
  /** It is connected to its overseer. A beacon without one is waiting, which is what it should do. */
  beacon: async () => {
    const url = new URL(await optionOf("overseer"));
    const secure = url.protocol === "https:" || url.protocol === "wss:";
    const port = Number(url.port || (secure ? 443 : 80));
    if (!(await connectedPorts()).includes(port)) throw new Error(`no connection to ${url.host}`);
  },
  /** All its nodes answer, whatever they say: a program that hangs still takes connections, through its kernel. */
  devnet: async () => {
    const { host, ports } = JSON.parse(await readFile(await optionOf("config"), "utf8"));
    const to = host === "0.0.0.0" ? "127.0.0.1" : host;
    await Promise.all(ports.map((port) => statusOf(to, port, "/")));
  },
};

/** Value of a long option of the program that this container runs. */
async function optionOf(name) {
  const words = (await readFile("/proc/1/cmdline", "utf8")).split("\0");
  const joined = words.find((word) => word.startsWith(`--${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 3);
  const at = words.indexOf(`--${name}`);
  return at < 0 ? undefined : words[at + 1];
}

/** Remote ports of the container's established TCP connections. */
async function connectedPorts() {
  const tables = await Promise.all(
    ["/proc/net/tcp", "/proc/net/tcp6"].map((file) => readFile(file, "utf8").catch(() => "")),
  );
  return tables
    .flatMap((table) => table.split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === "01")
    .map(([, , remote]) => Number.parseInt(remote.slice(remote.lastIndexOf(":") + 1), 16));
}

/** Of a plain request. Throws where there is no answer in time. */
async function statusOf(host, port, path) {
  const answer = await fetch(`http://${host}:${port}${path}`, { signal: AbortSignal.timeout(timeoutMs) }).catch(
    ({ cause, message }) => {
      throw new Error(`port ${port} does not answer: ${cause?.message ?? message}`);
    },
  );
  await answer.body?.cancel();
  return answer.status;
}

/** Until the other side has said its part of TLS. Whether its certificate is good is for those to judge who dial it by a name. */
async function greet(host, port) {
  await new Promise((resolve, reject) => {
    const socket = connect({ host, port, rejectUnauthorized: false }, () => {
      socket.destroy();
      resolve();
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`port ${port} does not answer`)));
    socket.on("error", reject);
  });
}

try {
  await checks[process.argv[2]]();
} catch (error) {
  process.stdout.write(`${error.message}\n`);
  process.exitCode = 1;
}
