import { AppError, type Problem } from "../../../errors/app-error.ts";
import { assetOptions, assetPrecision, isIssuersOnly, parseNamedOperation } from "../named-operations.ts";
import type { Operation } from "./fee-table.ts";
import { bitassetOptions, lendingSymbols } from "./lend-assets.ts";
import type { Party, Scene } from "./scene.ts";
import { idOf, type Provided, type Reserve, type Step } from "./step.ts";

const assetCreate = 10;
const assetUpdate = 11;
const assetIssue = 14;
/** What named operations pay beyond the fee at most, to differ from each other. */
const mostExtraFee = 65_535n;
/** Fees of updates grow with the description. */
const roomPercent = 102n;

/** Assets that are not there, issued by the first account; and what an issuer pays for all operations that are only its own. */
export async function createAssets(scene: Scene): Promise<Provided> {
  const absent = [...scene.assets].filter(([, asset]) => asset === null).map(([symbol]) => symbol);
  const first = scene.accounts[0] as Party;
  const lending = lendingSymbols(scene);
  const operations = absent.map((symbol) => creationOf(symbol, idOf(first) ?? "1.2.0", lending.has(symbol)));
  const fees = await scene.fees.ofAll(operations);
  const steps = operations.map(
    (operation, i): Step => ({
      sender: first,
      operation: first.answer === null ? null : operation,
      fee: fees[i] as bigint,
      spends: [],
    }),
  );
  return { stages: [{ name: "create assets", steps }], reserves: await issuersReserves(scene) };
}

function creationOf(symbol: string, issuer: string, isLent: boolean): Operation {
  const common = assetOptions();
  return [
    assetCreate,
    {
      ...{ issuer, symbol, precision: assetPrecision, is_prediction_market: false, extensions: [] },
      ...(isLent
        ? { common_options: { ...common, issuer_permissions: lentPermissions }, bitasset_opts: bitassetOptions }
        : { common_options: common }),
    },
  ];
}

/** All that an issuer of an asset that is lent may be permitted, global settlement among it. */
const lentPermissions = 511;

/** Who issues an asset, if it is one of the run's accounts or the funding account. */
export function issuerOf({ assets, accounts, funder }: Scene, symbol: string): Party | null {
  const asset = assets.get(symbol) ?? null;
  if (asset === null) return accounts[0] as Party;
  return [...accounts, funder].find((party) => idOf(party) === asset.issuer) ?? null;
}

async function issuersReserves(scene: Scene): Promise<Reserve[]> {
  const { workload, poolNeeds } = scene.options;
  const problems: Problem[] = [];
  const reserves: Reserve[] = [];
  for (const [i, { name, operation, parameters, template }] of workload.mix.entries()) {
    const use = template === null ? parseNamedOperation(operation, parameters)?.value : undefined;
    if (use === undefined || !isIssuersOnly(use)) continue;
    const symbol = use.symbols[0] ?? scene.core.symbol;
    const issuer = issuerOf(scene, symbol);
    if (issuer === null || issuer === scene.funder) {
      const expected = "expected an asset that one of the run's accounts issues, or one that is not there yet";
      problems.push({ path: `workload.mix.${name}`, value: symbol, expected });
      continue;
    }
    const fee = await scene.fees.of(sampleOf(use.operation, symbol, scene));
    const units = (BigInt(poolNeeds[i] ?? 0) * (fee + mostExtraFee) * roomPercent) / 100n;
    reserves.push({ party: issuer, symbol: scene.core.symbol, units });
  }
  if (problems.length === 0) return reserves;
  throw new AppError("RESOURCES_MISSING", "the workload needs assets of other issuers", { problems });
}

function sampleOf(operation: string, symbol: string, { assets }: Scene): Operation {
  if (operation === "asset_issue") return issueOf("1.2.0", "1.2.0", 1n, "1.3.1");
  const options = assets.get(symbol)?.options ?? assetOptions();
  const fields = { issuer: "1.2.0", asset_to_update: "1.3.1", new_options: options, extensions: {} };
  return [assetUpdate, fields];
}

export function issueOf(issuer: string, to: string, units: bigint, assetId: string): Operation {
  const amount = { amount: units.toString(), asset_id: assetId };
  return [assetIssue, { issuer, asset_to_issue: amount, issue_to_account: to, extensions: [] }];
}
