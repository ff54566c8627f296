import { readFile } from "node:fs/promises";
import { AppError, messageOf } from "../errors/app-error.ts";
import { isLoopback, type ListenAddress, parseListenAddress } from "../listening/listen-address.ts";

/** Where `/metrics` is served, and the token that a scraper must show; null: whoever reaches the address may read. */
export interface MetricsRequest extends ListenAddress {
  readonly token: string | null;
}

/** Options of every program that serves metrics, as typed. */
export interface MetricsArguments {
  readonly metrics?: string | undefined;
  readonly "metrics-token-file"?: string | undefined;
  readonly "metrics-without-token"?: boolean | undefined;
}

const leastTokenLength = 16;

export const metricsOptions = {
  metrics: {
    type: "string",
    describe: "[HOST:]PORT to serve figures for Prometheus on, under /metrics; a port alone is of 127.0.0.1",
  },
  "metrics-token-file": { type: "string", describe: "file with the token that readers of /metrics must show" },
  "metrics-without-token": {
    type: "boolean",
    default: false,
    describe: "serve /metrics beyond loopback to whoever reaches it",
  },
} as const;

/**
 * Null when no metrics are wanted. `others`: tokens that open more than figures, of which the scraper's must be none, for
 * it crosses the network in the clear. Throws USAGE or CONFIGURATION_INVALID.
 */
export async function metricsRequestOf(
  args: MetricsArguments,
  others: readonly string[],
): Promise<MetricsRequest | null> {
  const { metrics, "metrics-token-file": file, "metrics-without-token": withoutToken = false } = args;
  if (metrics === undefined) {
    if (file === undefined && !withoutToken) return null;
    throw new AppError(
      "USAGE",
      `${file === undefined ? "--metrics-without-token" : "--metrics-token-file"} goes with --metrics`,
    );
  }
  const address = parseListenAddress(metrics, "127.0.0.1");
  if (address === null) {
    throw new AppError("USAGE", `--metrics must be PORT or HOST:PORT such as 127.0.0.1:9464, not "${metrics}"`);
  }
  if (file !== undefined && withoutToken) {
    throw new AppError("USAGE", "--metrics-without-token contradicts --metrics-token-file");
  }
  if (file === undefined) {
    if (isLoopback(address.host) || withoutToken) return { ...address, token: null };
    throw new AppError(
      "CONFIGURATION_INVALID",
      `--metrics ${metrics} can be read from other machines: a token is needed`,
      {
        hint: "give --metrics-token-file, or --metrics-without-token where nobody else is on that network",
      },
    );
  }
  return { ...address, token: await readToken(file, others) };
}

async function readToken(file: string, others: readonly string[]): Promise<string> {
  let token: string;
  try {
    token = (await readFile(file, "utf8")).trim();
  } catch (error) {
    throw new AppError("CONFIGURATION_INVALID", `--metrics-token-file cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  if (token.length < leastTokenLength) {
    throw new AppError(
      "CONFIGURATION_INVALID",
      `the token of --metrics-token-file must have at least ${leastTokenLength} characters`,
    );
  }
  if (others.includes(token)) {
    throw new AppError("CONFIGURATION_INVALID", "readers of /metrics must have a token that opens nothing else");
  }
  return token;
}
