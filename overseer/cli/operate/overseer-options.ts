import { readFile } from "node:fs/promises";
import type { InferredOptionTypes, Options } from "yargs";
import { AppError, messageOf } from "../../../shared/errors/app-error.ts";
import { OperatorClient } from "../../serve/operator-client.ts";
import { readToken } from "../door.ts";

/** Of every command that asks a served overseer. */
export const overseerOptions = {
  on: { type: "string", demandOption: true, describe: "https://host:port of a served overseer, or http://" },
  "token-file": { type: "string", demandOption: true, describe: "file with an operator's or a viewer's token" },
  ca: { type: "string", describe: "PEM file of the authority behind the overseer's certificate" },
  json: { type: "boolean", default: false, describe: "the answer as JSON on stdout" },
} satisfies Record<string, Options>;

export type OverseerArguments = InferredOptionTypes<typeof overseerOptions>;

/** Dials nobody yet. Throws USAGE or CONFIGURATION_INVALID. */
export async function operatorClientOf(
  args: Pick<OverseerArguments, "on" | "ca"> & { readonly "token-file": string | undefined },
): Promise<OperatorClient> {
  if (!URL.canParse(args.on) || !/^https?:$/.test(new URL(args.on).protocol)) {
    throw new AppError("USAGE", `--on ${args.on}: expected a URL such as https://overseer.example:7411`);
  }
  const tokenFile = args["token-file"];
  if (tokenFile === undefined) throw new AppError("USAGE", "--on needs --token-file with an operator's token");
  const token = await readToken("--token-file", tokenFile);
  return new OperatorClient({ url: args.on, token, authority: await authorityOf(args.ca) });
}

async function authorityOf(file: string | undefined): Promise<string | null> {
  if (file === undefined) return null;
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new AppError("CONFIGURATION_INVALID", `--ca cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
