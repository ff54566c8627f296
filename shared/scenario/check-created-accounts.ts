import type { Provisioning } from "../chains/provisioning.ts";
import { type Finding, type Path, renderValue, valueAt } from "./findings.ts";
import type { ValidatedScenario } from "./schema.ts";

const createPath: Path = ["accounts", "create"];

/** What only the chain knows of accounts that are to be made. */
export function createdAccountsFindings(
  accounts: ValidatedScenario["accounts"],
  chain: string,
  raw: unknown,
  provisioning: Provisioning | null,
): Finding[] {
  if (!("create" in accounts)) return [];
  const finding = (path: Path, expected: string): Finding => ({
    path,
    value: renderValue(valueAt(raw, path)),
    expected,
  });
  if (provisioning === null) {
    return [finding(createPath, `expected { names: …, keys: … }: accounts of ${chain} cannot be made`)];
  }
  const { prefix, count, resources } = accounts.create;
  const named = provisioning.nameAccounts(prefix, count);
  return [
    ...("expected" in named ? [finding([...createPath, "prefix"], named.expected)] : []),
    ...provisioning
      .resourceProblems(resources)
      .map(({ path, expected }) => finding([...createPath, "resources", path], expected)),
  ];
}
