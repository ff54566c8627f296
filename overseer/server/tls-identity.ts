import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { AppError, messageOf, type Problem } from "../../shared/errors/app-error.ts";

/** By what the overseer proves to those who dial that it is the one they mean, and lets them prove the same. */
export interface TlsIdentity {
  /** PEM of the certificate, and of those between it and its authority. */
  readonly certificate: string;
  /** PEM of its private key. */
  readonly key: string;
  /** PEM of the authority whose certificates those who dial must have; null: a token is enough. */
  readonly clientAuthority: string | null;
  /** Who vouches for the certificate: those who dial must know it unless it is `public`. */
  readonly authority: "itself" | "public" | "private";
}

export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string | null;
}

/** Throws CONFIGURATION_INVALID with all that is wrong with the files. */
export async function loadTlsIdentity(files: TlsFiles, nowMillis: number): Promise<TlsIdentity> {
  const problems: Problem[] = [];
  const read = async (path: string, file: string): Promise<string | null> => {
    try {
      return await readFile(file, "utf8");
    } catch (error) {
      problems.push({ path, value: file, expected: `cannot be read: ${messageOf(error)}` });
      return null;
    }
  };
  const certificate = await read("--tls-cert", files.certificate);
  const key = await read("--tls-key", files.key);
  const clientAuthority = files.clientAuthority === null ? null : await read("--tls-client-ca", files.clientAuthority);
  const leaf = certificate === null ? null : certificateOf("--tls-cert", files.certificate, certificate, problems);
  if (leaf !== null) checkDates(leaf, files.certificate, nowMillis, problems);
  if (key !== null) checkKey(key, files.key, leaf, problems);
  if (clientAuthority !== null && files.clientAuthority !== null) {
    const authority = certificateOf("--tls-client-ca", files.clientAuthority, clientAuthority, problems);
    if (authority !== null && !authority.ca) {
      const expected = "expected the certificate of an authority, which may vouch for others";
      problems.push({ path: "--tls-client-ca", value: files.clientAuthority, expected });
    }
  }
  if (problems.length > 0 || leaf === null || certificate === null || key === null) {
    throw new AppError("CONFIGURATION_INVALID", "the overseer's certificate cannot be used", { problems });
  }
  return { certificate, key, clientAuthority, authority: authorityOf(leaf, certificate) };
}

/** Whether others than its owner may read the file of a key; where files have no such rights, they may not. */
export async function isReadByOthers(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o007) !== 0 && process.platform !== "win32";
}

/** Whether who dials `host`, a name or an address, takes the certificate for the one that is meant. */
export function isNamedIn({ certificate }: TlsIdentity, host: string): boolean {
  const leaf = new X509Certificate(certificate);
  return (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
}

/** PEM of the certificate in the file that vouches for itself and so for the others; null: it is not there. */
export function ownAuthorityIn({ certificate }: TlsIdentity): string | null {
  const last = chainOf(certificate).at(-1);
  if (last === undefined) return null;
  const authority = new X509Certificate(last);
  return authority.checkIssued(authority) ? last : null;
}

function certificateOf(path: string, file: string, text: string, problems: Problem[]): X509Certificate | null {
  try {
    return new X509Certificate(text);
  } catch (error) {
    problems.push({ path, value: file, expected: `expected a certificate in PEM: ${messageOf(error)}` });
    return null;
  }
}

function checkDates(leaf: X509Certificate, file: string, nowMillis: number, problems: Problem[]): void {
  if (Date.parse(leaf.validTo) < nowMillis) {
    problems.push({ path: "--tls-cert", value: file, expected: `has expired on ${leaf.validTo}` });
  }
  if (Date.parse(leaf.validFrom) > nowMillis) {
    problems.push({ path: "--tls-cert", value: file, expected: `is not valid before ${leaf.validFrom}` });
  }
}

function checkKey(text: string, file: string, leaf: X509Certificate | null, problems: Problem[]): void {
  try {
    const key = createPrivateKey(text);
    if (leaf === null || leaf.checkPrivateKey(key)) return;
    problems.push({ path: "--tls-key", value: file, expected: "is not the key of the certificate in --tls-cert" });
  } catch (error) {
    // Never the parser's own words: they might quote what they read.
    const isLocked = (error as { code?: unknown }).code === "ERR_MISSING_PASSPHRASE";
    const expected = isLocked ? "expected a key without a passphrase" : "expected a private key in PEM";
    problems.push({ path: "--tls-key", value: file, expected });
  }
}

/** A private authority is one that no system knows by itself. */
function authorityOf(leaf: X509Certificate, pem: string): TlsIdentity["authority"] {
  if (leaf.checkIssued(leaf)) return "itself";
  const last = new X509Certificate(chainOf(pem).at(-1) ?? pem);
  return rootCertificates.some((root) => last.checkIssued(new X509Certificate(root))) ? "public" : "private";
}

function chainOf(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
