import { X509Certificate } from "node:crypto";
import { hostname, networkInterfaces } from "node:os";
import { basename } from "node:path";
import { isLoopback } from "../../shared/listening/listen-address.ts";
import { release } from "../../shared/release.ts";
import { urlOf } from "./door.ts";
import type { TlsIdentity } from "./tls-identity.ts";

export interface JoinFacts {
  /** How the beacon's program is started where the overseer was started as it was, such as `beacon`. */
  readonly program: string;
  readonly tokenFile: string;
  readonly certificateFile: string | null;
  /** Whether the overseer runs in a container, whose files and addresses are nothing to whoever reads the command. */
  readonly inContainer: boolean;
}

export interface JoinCommand {
  readonly label: string;
  readonly command: string;
}

interface OpenDoor {
  readonly host: string;
  readonly tls: TlsIdentity | null;
  readonly join: JoinFacts;
}

/** What to type on another machine: the command, the same with a container, and the other addresses there are. */
export function joinCommands(url: string, door: OpenDoor, addresses = addressesOfHost()): JoinCommand[] {
  const [first = url, ...others] = reachableUrls(url, door, addresses);
  const { program } = door.join;
  const tokenFile = fileThere(door.join.tokenFile, door.join);
  const authority = authorityFileOf(door);
  const trust = authority === null ? [] : ["--ca", quoted(authority)];
  const commands = [
    { label: "Join", command: [program, "--overseer", first, "--token-file", quoted(tokenFile), ...trust].join(" ") },
  ];
  // From inside a container the host's loopback is out of reach.
  if (!isLoopback(new URL(first).hostname)) {
    commands.push({ label: "or", command: dockerCommand(first, tokenFile, authority) });
  }
  if (others.length > 0) commands.push({ label: "also at", command: others.join(" ") });
  if (door.join.inContainer) commands.push({ label: "note", command: containerNote(door) });
  return commands;
}

/** How a file of the overseer's is called where the command is typed: a container's folders are not there. */
export function fileThere(file: string, { inContainer }: JoinFacts): string {
  return inContainer ? basename(file) : file;
}

function containerNote({ tls, join }: OpenDoor): string {
  const certificate = tls?.authority === "itself" ? join.certificateFile : null;
  const files = [join.tokenFile, ...(certificate === null ? [] : [certificate])];
  const copies = files.map((file) => `${basename(file)} is a copy of this container's ${file}`).join(", ");
  if (tls !== null) return copies;
  return `${copies}; from another machine dial this one's address, and the port that the container's is published on`;
}

/** URLs under which others may reach the door, the likeliest first. With a certificate, only those that it has. */
function reachableUrls(url: string, { host, tls }: OpenDoor, addresses: readonly string[]): string[] {
  const { port } = new URL(url);
  if (host !== "0.0.0.0" && host !== "::") return [url];
  const here = addresses.filter((address) => host === "::" || !address.includes(":"));
  if (tls === null) return [...here, hostname()].map((name) => urlOf(tls, name, port));
  const certificate = new X509Certificate(tls.certificate);
  const known = [...dnsNamesOf(certificate), ...here.filter((address) => certificate.checkIP(address) !== undefined)];
  const names = known.filter((name) => !isLoopback(name));
  return (names.length > 0 ? names : known).map((name) => urlOf(tls, name, port));
}

function dnsNamesOf({ subjectAltName = "" }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/DNS:([A-Za-z0-9.-]+)/g)].map(([, name = ""]) => name);
}

/** Null where beacons know whom to trust by themselves. */
export function authorityFileOf({ tls, join }: OpenDoor): string | null {
  if (tls === null || tls.authority === "public") return null;
  if (tls.authority === "private" || join.certificateFile === null) return "AUTHORITY.pem";
  return fileThere(join.certificateFile, join);
}

function dockerCommand(url: string, tokenFile: string, authority: string | null): string {
  const mount = (file: string, at: string): string[] => ["--volume", quoted(`${absolute(file)}:${at}:ro`)];
  return [
    ...["docker run --detach --init --read-only --cap-drop ALL --restart unless-stopped"],
    // Whoever types it can read the token, which the image's own user may not.
    '--user "$(id -u):$(id -g)"',
    ...mount(tokenFile, "/token"),
    ...(authority === null ? [] : mount(authority, "/ca.pem")),
    ...[`loadstone-beacon:${release}`, "--overseer", url, "--token-file", "/token"],
    ...(authority === null ? [] : ["--ca", "/ca.pem"]),
  ].join(" ");
}

/** As the shell of the other machine has it. */
function absolute(file: string): string {
  return file.startsWith("/") ? file : `$PWD/${file.replace(/^\.\//, "")}`;
}

/** For a shell; what it fills in itself stays so. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+,=-]+$/.test(text) ? text : `"${text.replace(/(["\\`]|\$(?!PWD\/))/g, "\\$1")}"`;
}

/** Addresses of this machine, IPv4 first, without those that only the machine itself or its link knows. */
function addressesOfHost(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const others = all.filter(({ internal, address }) => !internal && !address.startsWith("fe80:"));
  return others.sort((a, b) => a.family.localeCompare(b.family)).map(({ address }) => address);
}
