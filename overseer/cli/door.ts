import { readFile } from "node:fs/promises";
import type { InferredOptionTypes } from "yargs";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { isLoopback, type ListenAddress, parseListenAddress } from "../../shared/listening/listen-address.ts";
import { systemClock } from "../../shared/time/clock.ts";
import type { DeployedDoor, DoorRequest } from "../run/run-request.ts";
import {
  isNamedIn,
  isReadByOthers,
  loadTlsIdentity,
  ownAuthorityIn,
  type TlsIdentity,
} from "../server/tls-identity.ts";
import type { doorOptions } from "./door-options.ts";
import type { CliIo } from "./io.ts";

export type DoorArguments = Partial<InferredOptionTypes<typeof doorOptions>>;

export interface DoorContext {
  readonly io: CliIo;
  /** How a beacon is started where this overseer was started as it was. */
  readonly beaconProgram: string;
}

const defaultListen = "127.0.0.1:7411";

/** What the options of the door ask for. Throws before anything listens. */
export async function doorOf(args: DoorArguments, { io, beaconProgram }: DoorContext): Promise<DoorRequest> {
  const { host, port } = parseListen(args.listen ?? defaultListen);
  const token = await tokenOf(args["token-file"], host);
  const tls = await tlsOf(args, io);
  if (tls === null && !isLoopback(host)) {
    if (!args["without-tls"]) {
      throw new AppError(
        "CONFIGURATION_INVALID",
        `${host} can be reached from other machines: a certificate is needed`,
        {
          hint: "give --tls-cert and --tls-key, or --without-tls for a link that is safe by other means",
        },
      );
    }
    io.err(`warning: ${host} listens without TLS: the token and the accounts' keys can be read on the way\n`);
  }
  const join = {
    program: beaconProgram,
    tokenFile: args["token-file"] as string,
    certificateFile: args["tls-cert"] ?? null,
    // The image sets it.
    inContainer: io.env.LOADSTONE_IN_CONTAINER === "yes",
  };
  return { host, port, token, tls, join };
}

/** Of beacons that the run deploys itself and shows a token of its own; null: wherever they reach this machine. */
export async function deployedDoorOf(args: DoorArguments, io: CliIo): Promise<DeployedDoor | null> {
  for (const option of ["token-file", "tls-client-ca"] as const) {
    if (args[option] !== undefined) {
      throw new AppError(
        "USAGE",
        `--${option} does not go with beacons that the scenario deploys: they get what they need`,
      );
    }
  }
  const tls = await tlsOf(args, io);
  if (args.listen === undefined) {
    if (tls === null) return null;
    throw new AppError("USAGE", "--tls-cert needs --listen: deployed beacons dial a name or address that is in it");
  }
  const { host, port } = parseListen(args.listen);
  if (/^(0\.0\.0\.0|::)$/.test(host)) {
    throw new AppError("USAGE", `--listen must name the address that the deployed beacons are to dial, not ${host}`);
  }
  if (isLoopback(host)) {
    throw new AppError("USAGE", `--listen must name an address that containers reach: ${host} is each one's own`);
  }
  if (tls === null && !args["without-tls"]) {
    throw new AppError("CONFIGURATION_INVALID", `${host} can be reached from other machines: a certificate is needed`, {
      hint: "leave --listen out, for beacons of this machine's engine; or give --tls-cert and --tls-key; or --without-tls, for a link that is safe by other means",
    });
  }
  return { host, port, tls, authority: tls === null ? null : handedAuthorityOf(tls, host, args["tls-cert"] ?? "") };
}

/** Nobody can mend it later: beacons in containers that do not trust the door only start again and again. */
function handedAuthorityOf(tls: TlsIdentity, host: string, file: string): string | null {
  const problem = (value: string, expected: string, hint: string): AppError =>
    new AppError("CONFIGURATION_INVALID", "deployed beacons would not trust the overseer's certificate", {
      problems: [{ path: "--tls-cert", value, expected }],
      hint,
    });
  if (!isNamedIn(tls, host)) {
    throw problem(file, `expected ${host} among its names`, "make --listen one of the names or addresses that it has");
  }
  const authority = ownAuthorityIn(tls);
  if (authority === null && tls.authority === "private") {
    const expected = "expected the certificate of its authority at the end of the file";
    throw problem(file, expected, `append it, so that it can be handed to the beacons: cat AUTHORITY.pem >> ${file}`);
  }
  return authority;
}

async function tlsOf(args: DoorArguments, io: CliIo): Promise<TlsIdentity | null> {
  const { "tls-cert": certificate, "tls-key": key, "tls-client-ca": clientAuthority } = args;
  if (certificate === undefined && key === undefined && clientAuthority === undefined) return null;
  if (certificate === undefined || key === undefined) {
    throw new AppError("USAGE", "--tls-cert and --tls-key go together, and --tls-client-ca goes with them");
  }
  if (args["without-tls"]) throw new AppError("USAGE", "--without-tls contradicts --tls-cert");
  const files = { certificate, key, clientAuthority: clientAuthority ?? null };
  const identity = await loadTlsIdentity(files, systemClock.wallMillis());
  if (await isReadByOthers(key)) io.err(`warning: every user of this machine may read ${key}: chmod 600 ${key}\n`);
  return identity;
}

function parseListen(text: string): ListenAddress {
  const address = parseListenAddress(text);
  if (address !== null) return address;
  throw new AppError("USAGE", `--listen must be HOST:PORT such as ${defaultListen}, not "${text}"`);
}

async function tokenOf(file: string | undefined, host: string): Promise<string> {
  if (file !== undefined) return readToken("--token-file", file);
  const hint = "make one with: (umask 077; openssl rand -base64 32 > token); give the same file to every beacon";
  if (isLoopback(host)) {
    throw new AppError("CONFIGURATION_INVALID", "--token-file is needed, so that beacons can show the token", { hint });
  }
  throw new AppError("CONFIGURATION_INVALID", `beacons may reach ${host} from other machines: --token-file is needed`, {
    hint,
  });
}

export async function readToken(option: string, file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new AppError("CONFIGURATION_INVALID", `${option} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
