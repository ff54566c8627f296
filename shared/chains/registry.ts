import { AppError } from "../errors/app-error.ts";
import { antelopeDriver } from "./antelope/antelope-driver.ts";
import { bitsharesDriver } from "./bitshares/bitshares-driver.ts";
import type { ChainDriver } from "./driver.ts";

/** A line for each chain. */
const registered: Readonly<Record<string, ChainDriver>> = {
  bitsharesDriver,
  antelopeDriver,
};

const drivers = new Map(Object.values(registered).map((driver) => [driver.chain, driver]));

export const chainNames: readonly string[] = [...drivers.keys()];

/** Throws AppError SCENARIO_INVALID for a chain that has no driver. */
export function driverOf(chain: string): ChainDriver {
  const driver = drivers.get(chain);
  if (driver) return driver;
  throw new AppError("SCENARIO_INVALID", `there is no driver for the chain "${chain}"`, {
    problems: [{ path: "chain", value: chain, expected: `expected one of ${chainNames.join(", ")}` }],
  });
}
