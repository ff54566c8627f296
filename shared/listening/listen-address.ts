const loopbackHosts = new Set(["127.0.0.1", "localhost", "::1"]);
const greatestPort = 65_535;

export interface ListenAddress {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
}

/** Whether no other machine reaches this host. */
export function isLoopback(host: string): boolean {
  return loopbackHosts.has(host) || /^127(?:\.\d{1,3}){1,3}$/.test(host);
}

/** `HOST:PORT`, or a port alone where there is a host to fall back on; null for anything else. */
export function parseListenAddress(text: string, hostOfPort: string | null = null): ListenAddress | null {
  const { host, port: digits } = /^(?:(?<host>.+):)?(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  const port = Number(digits);
  const named = host?.replace(/^\[(.*)\]$/, "$1") ?? hostOfPort;
  return digits === undefined || named === null || port > greatestPort ? null : { host: named, port };
}
