#!/usr/local/bin/node
// Stands in for bitshares-core's witness_node where its image cannot be had: reads the same configuration, dials the
// peers that it names, and tells a client whom it is connected to, and how far away each is. It knows nothing of blocks.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";

const folder = process.argv[process.argv.indexOf("--data-dir") + 1];
const lines = readFileSync(join(folder, "config.ini"), "utf8").split("\n");
const optionOf = (name) => lines.find((line) => line.startsWith(`${name} = `))?.slice(name.length + 3);
const portOf = (address) => Number(address.split(":").at(-1));
const hostOf = (address) => address.slice(0, address.lastIndexOf(":"));
// As the program does: its chain lies beside its configuration.
writeFileSync(join(folder, "blockchain"), "");

const links = {};
const peers = optionOf("p2p-endpoint");
createServer((socket) => {
  socket.on("error", () => undefined);
  socket.on("data", (data) => {
    links[data.toString()] ??= null;
    socket.write(hostname());
  });
}).listen(portOf(peers), hostOf(peers));

function dial(address) {
  const socket = connect({ host: hostOf(address), port: portOf(address), noDelay: true });
  let since = 0;
  socket.on("connect", () => {
    since = performance.now();
    socket.write(hostname());
  });
  socket.on("data", (data) => {
    const trip = performance.now() - since;
    const known = links[data.toString()];
    links[data.toString()] = Math.min(trip, known ?? trip);
    since = performance.now();
    if (socket.bytesRead < 1000) socket.write(hostname());
  });
  socket.on("error", () => undefined);
  socket.on("close", () => setTimeout(dial, 200, address));
}
for (const address of JSON.parse(optionOf("seed-nodes"))) dial(address);

const genesis = createHash("sha256")
  .update(readFileSync(optionOf("genesis-json")))
  .digest("hex");
const clients = optionOf("rpc-endpoint");
createHttpServer((_, response) => response.end(JSON.stringify({ name: hostname(), genesis, links }))).listen(
  portOf(clients),
  hostOf(clients),
);
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(0));
