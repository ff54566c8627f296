import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import { join } from "node:path";
import type { DockerOptions } from "dockerode";
import { AppError, messageOf } from "../../shared/errors/app-error.ts";
import { SshAgent } from "./ssh-agent.ts";

export interface EngineAddress {
  /** `unix://PATH`, `tcp://HOST:PORT`, `https://HOST:PORT` or `ssh://USER@HOST`. */
  readonly url: string;
  /** Folder with ca.pem, cert.pem and key.pem, as `docker context` and DOCKER_CERT_PATH have them; null: no TLS. */
  readonly certificates: string | null;
}

const localEngineUrl = "unix:///var/run/docker.sock";

/** Of the command line, the variables that the engine's own client knows, or this machine's engine. */
export function engineAddressOf(
  given: { readonly engine?: string | undefined; readonly certificates?: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): EngineAddress {
  const { DOCKER_HOST, DOCKER_CERT_PATH, DOCKER_TLS_VERIFY } = environment;
  const secured = DOCKER_TLS_VERIFY === undefined || DOCKER_TLS_VERIFY === "" ? undefined : DOCKER_CERT_PATH;
  return {
    url: given.engine ?? (DOCKER_HOST || localEngineUrl),
    certificates: given.certificates ?? secured ?? null,
  };
}

/** Whether its networks are this machine's too. */
export function isLocalEngine({ url }: EngineAddress): boolean {
  return url.startsWith("unix:") || /^(tcp|https?):\/\/(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:|\/|$)/.test(url);
}

const defaultPorts = { plain: 2375, secure: 2376 } as const;

/** The library takes an agent, which its types have forgotten. */
export type EngineOptions = DockerOptions & { readonly agent?: Agent };

/** What the engine's library wants to know. Throws CONFIGURATION_INVALID. */
export async function toEngineOptions({ url, certificates }: EngineAddress): Promise<EngineOptions> {
  const address = parseUrl(url);
  const host = address.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = (usual: number): number => (address.port === "" ? usual : Number(address.port));
  switch (address.protocol) {
    case "unix:":
      return { socketPath: decodeURIComponent(address.pathname) };
    case "tcp:":
    case "http:":
    case "https:": {
      const secure = certificates !== null || address.protocol === "https:";
      if (!secure) return { protocol: "http", host, port: port(defaultPorts.plain) };
      const keys = certificates === null ? {} : await readCertificates(certificates);
      return { protocol: "https", host, port: port(defaultPorts.secure), ...keys };
    }
    case "ssh:":
      return {
        protocol: "http",
        // In requests only: where they go is the agent's business.
        host: "docker.example",
        agent: new SshAgent({
          host,
          user: decodeURIComponent(address.username) || null,
          port: address.port === "" ? null : Number(address.port),
        }),
      };
    default:
      throw invalidUrl(url);
  }
}

function parseUrl(url: string): URL {
  try {
    return new URL(url);
  } catch {
    throw invalidUrl(url);
  }
}

function invalidUrl(url: string): AppError {
  return new AppError("CONFIGURATION_INVALID", `"${url}" is not the address of a container engine`, {
    hint: "expected unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host",
  });
}

async function readCertificates(folder: string): Promise<Pick<DockerOptions, "ca" | "cert" | "key">> {
  try {
    const [ca, cert, key] = await Promise.all(
      ["ca.pem", "cert.pem", "key.pem"].map((name) => readFile(join(folder, name), "utf8")),
    );
    return { ca, cert, key };
  } catch (cause) {
    throw new AppError("CONFIGURATION_INVALID", `the engine's certificates cannot be read: ${messageOf(cause)}`, {
      cause,
      hint: "the folder must have ca.pem, cert.pem and key.pem",
    });
  }
}
