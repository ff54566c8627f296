import type { z } from "zod";
import { type DevnetConfig, devnetConfigSchema } from "../devnet/config.ts";

/**
 * What a scenario can set of an embedded network, by chain: the devnet's own schema of the chain says which settings
 * there are, their defaults and bounds; this table only gives each its name and unit in the file.
 */
type KeyOf<T> = T extends T ? keyof T : never;
type Common = "chain" | "seed" | "host" | "ports" | "topology" | "nodes" | "network" | "genesis" | "parameters";
export type SettingKey = Exclude<KeyOf<DevnetConfig>, Common> | KeyOf<DevnetConfig["parameters"]>;

/** `null`: written as the devnet takes it. */
export type SettingUnit = "seconds" | "milliseconds" | "microseconds" | "bytes" | null;

interface Setting {
  readonly field: string;
  readonly unit: SettingUnit;
  readonly text: string;
}

const settings = {
  blockIntervalMs: { field: "blockInterval", unit: "milliseconds", text: "Time from one block to the next." },
  witnesses: { field: "witnesses", unit: null, text: "How many witnesses take turns in making blocks." },
  producers: { field: "producers", unit: null, text: "How many producers take turns in making blocks." },
  blocksPerTurn: {
    field: "blocksPerTurn",
    unit: null,
    text: "Blocks that a producer makes before it is the next one's turn.",
  },
  finality: {
    field: "finality",
    unit: null,
    text: "When blocks become irreversible: savanna, two blocks later; dpos, when two thirds of the producers have twice built on them.",
  },
  transactionStatus: {
    field: "transactionStatus",
    unit: null,
    text: "Whether nodes keep what became of each transaction and tell when asked.",
  },
  maximumTransactionBytes: {
    field: "maximumTransactionBytes",
    unit: "bytes",
    text: "Largest transaction that a node accepts, in bytes or with a unit such as 64 KiB.",
  },
  maximumBlockBytes: {
    field: "maximumBlockBytes",
    unit: "bytes",
    text: "Largest block, in bytes or with a unit such as 2 MiB.",
  },
  maximumLifetimeSeconds: {
    field: "maximumLifetime",
    unit: "seconds",
    text: "Longest time until a transaction's expiration that nodes accept, in whole seconds.",
  },
  maximumTransactionCpuMicros: {
    field: "maximumTransactionCpu",
    unit: "microseconds",
    text: "CPU time that a transaction may be billed at most.",
  },
  maximumBlockCpuMicros: {
    field: "maximumBlockCpu",
    unit: "microseconds",
    text: "CPU time that the transactions of a block may be billed together.",
  },
  minimumTransactionCpuMicros: {
    field: "minimumTransactionCpu",
    unit: "microseconds",
    text: "CPU time that a transaction is billed even when its work took less.",
  },
  actionCpuMicros: {
    field: "actionCpu",
    unit: "microseconds",
    text: "CPU time that each action is billed whose contract does not burn CPU on purpose.",
  },
} as const satisfies Readonly<Record<SettingKey, Setting>>;

export type SettingField = (typeof settings)[SettingKey]["field"];

const settingKeys = Object.keys(settings) as SettingKey[];

/** What the settings are in the devnet's units: those of the chain itself, and those of its parameters. */
export interface EmbeddedSettings {
  readonly own: Readonly<Record<string, unknown>>;
  readonly parameters: Readonly<Record<string, number>>;
}

export interface SettingProblem {
  readonly field: SettingField;
  readonly expected: string;
}

interface ChainForm {
  readonly chain: string;
  readonly own: Readonly<Record<string, z.ZodType>>;
  readonly parameters: Readonly<Record<string, z.ZodType>>;
}

const forms: readonly ChainForm[] = devnetConfigSchema.options.map(({ shape }) => ({
  chain: shape.chain.value,
  own: shape,
  parameters: shape.parameters.unwrap().shape,
}));

function schemaOf(form: ChainForm, key: SettingKey): z.ZodType | undefined {
  return form.own[key] ?? form.parameters[key];
}

/** Each setting with its unit, its text for editors, and the schema of the first chain that has it. */
export function embeddedSettingForms(): {
  readonly field: SettingField;
  readonly unit: SettingUnit;
  readonly description: string;
  readonly schema: z.ZodType;
}[] {
  return settingKeys.map((key) => {
    const { field, unit, text } = settings[key];
    const having = forms.filter((form) => schemaOf(form, key) !== undefined);
    const defaults = having.map((form) => `${writtenDefault(form, key)} with ${form.chain}`);
    const only = having.length < forms.length ? `Only ${having.map(({ chain }) => chain).join(", ")}. ` : "";
    const description = `${only}${text} Default: ${defaults.join(", ")}.`;
    return { field, unit, description, schema: schemaOf(having[0] as ChainForm, key) as z.ZodType };
  });
}

function writtenDefault(form: ChainForm, key: SettingKey): string {
  return written(schemaOf(form, key)?.parse(undefined), settings[key].unit);
}

/** As it is written in a scenario. */
function written(value: unknown, unit: SettingUnit): string {
  if (typeof value !== "number" || unit === null || unit === "bytes") return String(value);
  const micros = value * microsOf[unit];
  if (micros % 3600e6 === 0) return `${micros / 3600e6}h`;
  if (micros % 1e6 === 0) return `${micros / 1e6}s`;
  return micros % 1000 === 0 ? `${micros / 1000}ms` : `${micros}us`;
}

const microsOf = { seconds: 1e6, milliseconds: 1000, microseconds: 1 } as const;

/**
 * The settings of `given` (durations in microseconds) with the chain's defaults filled in, or what is wrong with them.
 * Null for a chain that has no embedded network.
 */
export function resolveEmbeddedSettings(
  chain: string,
  given: Readonly<Partial<Record<SettingField, unknown>>>,
): { readonly settings: EmbeddedSettings; readonly problems: readonly SettingProblem[] } | null {
  const form = forms.find((one) => one.chain === chain);
  if (form === undefined) return null;
  const own: Record<string, unknown> = {};
  const parameters: Record<string, number> = {};
  const problems: SettingProblem[] = [];
  for (const key of settingKeys) {
    const { field, unit } = settings[key];
    const schema = schemaOf(form, key);
    const value = given[field];
    if (schema === undefined) {
      if (value !== undefined) problems.push({ field, expected: `is not a setting of an embedded ${chain} network` });
      continue;
    }
    const inUnit = typeof value === "number" && unit !== null && unit !== "bytes" ? value / microsOf[unit] : value;
    const result = schema.safeParse(inUnit);
    if (!result.success) problems.push({ field, expected: expectedBy(result.error.issues[0], unit) });
    else if (key in form.parameters) parameters[key] = result.data as number;
    else own[key] = result.data;
  }
  return { settings: { own, parameters }, problems };
}

function expectedBy(issue: z.core.$ZodIssue | undefined, unit: SettingUnit): string {
  switch (issue?.code) {
    case "too_small":
      return `expected at least ${written(Number(issue.minimum), unit)}`;
    case "too_big":
      return `expected at most ${written(Number(issue.maximum), unit)}`;
    case "not_multiple_of":
      return `expected a multiple of ${written(issue.divisor, unit)}`;
    default:
      return `expected whole ${unit ?? "numbers"}`;
  }
}
