import { AppError, type Problem } from "../../../errors/app-error.ts";
import { parseBytes } from "../../../scenario/units.ts";
import { parseAmountRange, toUnits } from "../../../workload/amount.ts";
import type { Token } from "../chain-data.ts";

/** An account itself takes nearly three kilobytes. */
const leastRamBytes = 4096;
const usualRam = "8 KiB";
const usualStake = "1";
const resourceNames = ["ram", "cpu", "net"];

/** What each account has besides its balance. */
export interface WantedResources {
  readonly ramBytes: number;
  /** Staked for it, in smallest units of the core token. */
  readonly cpuUnits: bigint;
  readonly netUnits: bigint;
}

type Written = Readonly<Record<string, string>>;

export function resourceProblems(resources: Written): Problem[] {
  const unknown = Object.keys(resources).filter((name) => !resourceNames.includes(name));
  return [
    ...unknown.map((path) => ({ path, expected: `expected one of ${resourceNames.join(", ")}` })),
    ...(ramOf(resources) === null ? [{ path: "ram", expected: 'expected 4 KiB or more, such as "8 KiB"' }] : []),
    ...["cpu", "net"]
      .filter((name) => parseAmountRange(resources[name] ?? usualStake) === null)
      .map((path) => ({ path, expected: 'expected an amount of the core token to stake, such as "10 EOS"' })),
  ];
}

/** Throws PLAN_IMPOSSIBLE where an amount is none of the core token. */
export function wantedResources(resources: Written, core: Token): WantedResources {
  const unitsOf = (name: string): bigint => {
    const range = parseAmountRange(resources[name] ?? usualStake);
    const units =
      range && (range.symbol ?? core.symbol) === core.symbol ? toUnits(range.maximum, core.precision) : null;
    if (units !== null) return units;
    const problems = [
      {
        path: `accounts.create.resources.${name}`,
        value: resources[name] ?? "",
        expected: `expected an amount of ${core.symbol}`,
      },
    ];
    throw new AppError("PLAN_IMPOSSIBLE", "the accounts cannot have these resources", { problems });
  };
  return { ramBytes: ramOf(resources) ?? leastRamBytes, cpuUnits: unitsOf("cpu"), netUnits: unitsOf("net") };
}

function ramOf({ ram = usualRam }: Written): number | null {
  const bytes = /^\d+$/.test(ram) ? Number(ram) : parseBytes(ram);
  return bytes !== null && bytes >= leastRamBytes ? bytes : null;
}
