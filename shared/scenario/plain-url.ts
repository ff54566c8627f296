import { z } from "zod";
import { refused } from "./schema-parts.ts";

const expectedUrl = "expected an http:// or https:// URL without user and password";

/** Secrets have no place in a URL: it is shown in reports and messages. */
export const plainUrl = z.string(refused(expectedUrl)).refine(isPlainUrl, refused(expectedUrl));

/** Whether what is sent there stays on this machine, so that nobody reads it on the way. */
export function isThisMachine(address: string): boolean {
  return /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|\/|$)/.test(address);
}

function isPlainUrl(written: string): boolean {
  try {
    const { protocol, username, password } = new URL(written);
    return /^https?:$/.test(protocol) && username === "" && password === "";
  } catch {
    return false;
  }
}
