import path from "node:path";
import { parse } from "yaml";
import { isAppError } from "../errors/app-error.ts";
import { withCapture } from "../traffic/read-capture.ts";
import type { ChainCatalogues } from "./check-scenario.ts";
import type { Finding } from "./findings.ts";
import { replaySchema } from "./replay-schema.ts";
import { ReplayBuilder, type ReplayTraffic, replayFindings } from "./replay-traffic.ts";

/** The traffic that a scenario replays, or what is wrong with it; null where it replays none. */
export type LoadedReplay = ReplayTraffic | readonly Finding[] | null;

/**
 * Reads the capture that a scenario's text names. Where that part of the scenario is not well formed there is nothing to
 * read: parsing the scenario tells.
 */
export async function loadReplay(text: string, file: string, chains: ChainCatalogues): Promise<LoadedReplay> {
  const { chain, workload } = outlineOf(text);
  const written = replaySchema.safeParse(workload?.replay);
  const catalogue = typeof chain === "string" ? chains.catalogueOf(chain) : null;
  if (workload?.replay === undefined || !written.success || catalogue === null) return null;
  try {
    return await withCapture(path.resolve(path.dirname(file), written.data.capture), async ({ header, blocks }) => {
      const findings = replayFindings(header, written.data, chain as string);
      if (findings.length > 0) return findings;
      const builder = new ReplayBuilder(header, written.data, catalogue);
      for await (const block of blocks()) builder.add(block);
      return builder.build();
    });
  } catch (error) {
    if (!isAppError(error)) throw error;
    const expected = error.message;
    return [{ path: ["workload", "replay", "capture"], value: written.data.capture, expected }];
  }
}

interface Outline {
  readonly chain?: unknown;
  readonly workload?: { readonly replay?: unknown } | null;
}

/** Empty where it is no YAML. */
function outlineOf(text: string): Outline {
  try {
    const plain = parse(text, { logLevel: "silent" }) as Outline | null;
    const isMap = typeof plain === "object" && plain !== null;
    const { chain, workload } = isMap ? plain : {};
    return { chain, workload: typeof workload === "object" ? (workload ?? null) : null };
  } catch {
    return {};
  }
}
