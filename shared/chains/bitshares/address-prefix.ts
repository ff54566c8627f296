import library from "bitsharesjs-ws";

export const defaultAddressPrefix = "BTS";

/** The library keeps the prefix of public keys for the whole process, and its own default is no network's. */
export function setAddressPrefix(prefix: string): void {
  library.ChainConfig.setPrefix(prefix);
}
