import { AppError, type Problem } from "../../errors/app-error.ts";
import type { MixEntry } from "../../scenario/scenario.ts";
import type { AmountRange } from "../../workload/amount.ts";
import { parseTemplate } from "../../workload/placeholders.ts";
import type { Asset, TemplateData, TemplateUse } from "./chain-data.ts";
import type { AssetTable } from "./find-assets.ts";
import { isIssuersOnly, parseNamedOperation } from "./named-operations.ts";
import { type AccountAnswer, candidatesAnswer, isLifetimeMember, votesAnswer } from "./node-answers.ts";
import type { OperationUse, VoteKind } from "./operation-definition.ts";
import { requiredFee, transferSample } from "./required-fees.ts";
import type { RpcClient } from "./rpc-client.ts";
import { unitRange } from "./unit-range.ts";

/** Accounts draw different ones, so that the number of them counts as well. */
const mostExtraFee = 65_535;

interface Setting {
  readonly mix: readonly MixEntry[];
  readonly headNumber: number;
  readonly accounts: readonly AccountAnswer[];
  readonly assets: AssetTable;
}

/**
 * The mix entries that are named operations made of templates, with what the network adds to them; fees are still 0.
 * Throws AppError RESOURCES_MISSING where the network or the accounts do not allow one.
 */
export async function findNamed(client: RpcClient, setting: Setting): Promise<ReadonlyMap<MixEntry, TemplateData>> {
  const uses = new Map<MixEntry, OperationUse>();
  for (const entry of setting.mix) {
    const parsed = entry.template === null ? parseNamedOperation(entry.operation, entry.parameters) : null;
    if (parsed !== null) uses.set(entry, parsed.value);
  }
  const kinds = new Set([...uses.values()].map((use) => use.votes).filter((kind) => kind !== null));
  const voteIds = await findVoteIds(client, kinds);
  const holdsTransfer = [...uses.values()].some(({ operation }) => operation === "proposal_create");
  const transferFee = holdsTransfer ? await requiredFee(client, [transferSample]) : 0;
  const problems = [...uses].flatMap(([entry, use]) => problemsOf(entry, use, setting, voteIds));
  if (problems.length > 0) {
    throw new AppError("RESOURCES_MISSING", "the network lacks what operations of the workload need", { problems });
  }
  return new Map(
    [...uses].map(([entry, use]) => [entry, toTemplateData(entry, use, { ...setting, transferFee }, voteIds)]),
  );
}

type VoteIds = ReadonlyMap<VoteKind, readonly string[]>;

async function findVoteIds(client: RpcClient, kinds: ReadonlySet<VoteKind>): Promise<VoteIds> {
  const found = new Map<VoteKind, readonly string[]>();
  if (kinds.size === 0) return found;
  const active = await client.call("database", "get_global_properties", [], candidatesAnswer);
  for (const kind of kinds) {
    const [method, ids] =
      kind === "witness"
        ? (["get_witnesses", active.active_witnesses] as const)
        : (["get_committee_members", active.active_committee_members] as const);
    const candidates = await client.call("database", method, [ids], votesAnswer);
    found.set(
      kind,
      candidates.map((candidate) => candidate.vote_id),
    );
  }
  return found;
}

function problemsOf(entry: MixEntry, use: OperationUse, { accounts, assets }: Setting, voteIds: VoteIds): Problem[] {
  const path = `mix.${entry.name}`;
  const basic = use.membersOnly ? accounts.find((one) => !isLifetimeMember(one)) : undefined;
  if (basic) return [{ path, value: basic.name, expected: "expected accounts that are lifetime members" }];
  if (use.votes !== null && (voteIds.get(use.votes) ?? []).length === 0) {
    return [{ path, expected: `expected somebody to vote for as ${use.votes} on the chain` }];
  }
  const symbol = use.symbols[0];
  if (symbol === undefined || symbol === null || !isIssuersOnly(use)) return [];
  const { issuer } = assets.known(symbol);
  if (accounts.some((one) => one.id === issuer)) return [];
  return [{ path, value: symbol, expected: `expected its issuer ${issuer} among the accounts` }];
}

function toTemplateData(
  entry: MixEntry,
  use: OperationUse,
  { headNumber, accounts, assets, transferFee }: Setting & { readonly transferFee: number },
  voteIds: VoteIds,
): TemplateData {
  const known = use.symbols.map((symbol) => assets.known(symbol));
  const template = use.template({
    publicKey: accounts.flatMap((one) => one.active.key_auths.map(([key]) => key))[0] as string,
    headNumber,
    assets: known,
    voteIds: use.votes === null ? [] : (voteIds.get(use.votes) ?? []),
    transferFee,
  });
  const { node, counts } = parseTemplate(template);
  const [symbol = null] = use.symbols;
  const spent = assets.get(symbol);
  const replacesMemoKey = use.operation === "account_update";
  return {
    kind: "template",
    operation: use.operation,
    node,
    fee: 0,
    use: {
      extraFee: counts ? 0 : mostExtraFee,
      sender: isIssuersOnly(use) ? accounts.findIndex((one) => one.id === known[0]?.issuer) : null,
      memoKeys: replacesMemoKey ? accounts.map((one) => one.options.memo_key) : null,
      spends: use.spends && { asset: spent, ...unitRange(entry, use.spends, spent) },
      ...(use.holds && { holds: held(entry, use.holds, assets.get(use.symbols[1] ?? null)) }),
    },
  };
}

function held(entry: MixEntry, range: AmountRange, asset: Asset): NonNullable<TemplateUse["holds"]> {
  return { asset, maximum: unitRange(entry, range, asset).maximum };
}
