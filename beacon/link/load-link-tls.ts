import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import type { LinkTls } from "./overseer-link.ts";

export interface LinkTlsFiles {
  readonly authority: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** Throws USAGE or CONFIGURATION_INVALID: better now than as a connection that fails for reasons nobody sees. */
export async function loadLinkTls({ authority, certificate, key }: LinkTlsFiles): Promise<LinkTls> {
  if ((certificate === undefined) !== (key === undefined)) {
    throw new AppError("USAGE", "--tls-cert and --tls-key go together");
  }
  const ca = authority === undefined ? null : await read("--ca", authority);
  if (ca !== null) check("--ca", () => createSecureContext({ ca }));
  // Node takes a text without any certificate for an empty list.
  if (ca !== null && !ca.includes("-----BEGIN CERTIFICATE-----")) throw unusable("--ca", "it holds no certificate");
  if (certificate === undefined || key === undefined) return { authority: ca, identity: null };
  const identity = { certificate: await read("--tls-cert", certificate), key: await read("--tls-key", key) };
  check("--tls-cert and --tls-key", () => createSecureContext({ cert: identity.certificate, key: identity.key }));
  return { authority: ca, identity };
}

async function read(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new AppError("USAGE", `${option} ${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function check(option: string, use: () => unknown): void {
  try {
    use();
  } catch (error) {
    throw unusable(option, messageOf(error));
  }
}

function unusable(option: string, why: string): AppError {
  return new AppError("CONFIGURATION_INVALID", `${option} cannot be used: ${why}`);
}
