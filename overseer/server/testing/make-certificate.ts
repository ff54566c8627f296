import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** As OpenSSL writes it, such as `IP:127.0.0.1,DNS:localhost`. */
  readonly names?: string;
  readonly days?: number;
  /** Who vouches for it; null: itself. */
  readonly issuer?: CertificateFiles | null;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"];

/** Makes a certificate `NAME.pem` and its key `NAME.key` with the `openssl` of this machine. */
export async function makeCertificate(
  folder: string,
  name: string,
  { names = "IP:127.0.0.1,DNS:localhost", days = 2, issuer = null }: CertificateOptions = {},
): Promise<CertificateFiles> {
  const files = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  const subject = ["-subj", `/CN=${name}`, "-keyout", files.key];
  if (issuer === null) {
    const extensions = ["-addext", `subjectAltName=${names}`];
    await openssl(
      "req",
      "-x509",
      ...newKey,
      ...subject,
      ...extensions,
      "-days",
      String(days),
      "-out",
      files.certificate,
    );
    return files;
  }
  const request = join(folder, `${name}.csr`);
  const extensions = join(folder, `${name}.extensions`);
  await openssl("req", ...newKey, ...subject, "-out", request);
  await writeFile(extensions, `subjectAltName=${names}\nbasicConstraints=critical,CA:FALSE\n`);
  await openssl(
    ...["x509", "-req", "-in", request, "-extfile", extensions, "-days", String(days), "-out", files.certificate],
    ...["-CA", issuer.certificate, "-CAkey", issuer.key, "-CAcreateserial"],
  );
  return files;
}

async function openssl(...args: readonly string[]): Promise<void> {
  await execute("openssl", args);
}
