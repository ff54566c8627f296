import { isSatisfied } from "../chain/authority.ts";
import { assertion, ChainFailure, toFrame, toReason } from "../chain/failure.ts";
import { missingObject } from "../chain/missing-object.ts";
import { networkRules } from "../chain/network-rules.ts";
import { type Proposal, specialAccounts } from "../chain/objects.ts";
import type { State } from "../chain/state.ts";
import type { Json } from "../codec/json.ts";
import { type Operation, type OtherOperation, operationTypes } from "../codec/operation.ts";
import { readInstance, readTime } from "../codec/read-value.ts";
import { type Evaluation, newObject, nothing } from "./evaluation.ts";

const file = "proposal_evaluator.cpp";

export function refuseProposalCreate(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  return (
    refuseCreation(operation, evaluation)?.capture(file, 442, "do_evaluate", JSON.stringify({ o: operation.body })) ??
    null
  );
}

function refuseCreation({ body, proposed }: OtherOperation, { headSeconds }: Evaluation): ChainFailure | null {
  const refuse = (line: number, format: string): ChainFailure =>
    assertion({ file, line, method: "do_evaluate" }, { format });
  if (proposed.filter(({ type }) => type === operationTypes.proposalUpdate).length > 1) {
    const format = "!already_contains_proposal_update: At most one proposal update can be nested in a proposal!";
    return assertion({ file, line: 336, method: "operator()" }, { format });
  }
  const expiration = readTime(body.expiration_time);
  if (expiration <= headSeconds) {
    return refuse(396, "o.expiration_time > block_time: Proposal has already expired on creation.");
  }
  if (expiration > headSeconds + networkRules.maximumProposalLifetimeSeconds) {
    return refuse(
      397,
      "o.expiration_time <= block_time + global_parameters.maximum_proposal_lifetime: Proposal expiration time is too far in the future.",
    );
  }
  const review = body.review_period_seconds === undefined ? null : Number(body.review_period_seconds);
  if (review !== null && review !== 0 && review >= expiration - headSeconds) {
    return refuse(
      399,
      "!o.review_period_seconds || fc::seconds( *o.review_period_seconds ) < ( o.expiration_time - block_time ): Proposal review period must be less than its overall lifetime.",
    );
  }
  if (proposed.some((inner) => inner.kind === "other" && inner.requiredKeys.length > 0)) {
    return refuse(
      418,
      "other.empty(): Proposals containing operations requiring non-account authorities are not yet implemented.",
    );
  }
  return refuseReview(proposed, review);
}

/** What the committee has to agree to must be open to review for long enough. */
function refuseReview(proposed: readonly Operation[], review: number | null): ChainFailure | null {
  const { active, owner } = requiredApprovals(proposed);
  if (![...active, ...owner].includes(specialAccounts.committee)) return null;
  const min = networkRules.committeeReviewSeconds;
  const source = { file, method: "do_evaluate" };
  if (review === null) {
    const frame = toFrame(
      { ...source, line: 425 },
      {
        format: "Review period not given, but at least {min} required",
        text: `Review period not given, but at least ${min} required`,
        data: JSON.stringify({ min }),
      },
    );
    return new ChainFailure(3052201, "proposal_create_review_period_required", "review_period required", [frame]);
  }
  if (review >= min) return null;
  const frame = toFrame(
    { ...source, line: 429 },
    {
      format: "Review period of {t} specified, but at least {min} required",
      text: `Review period of ${review} specified, but at least ${min} required`,
      data: JSON.stringify({ t: review, min }),
    },
  );
  return new ChainFailure(3052202, "proposal_create_review_period_insufficient", "review_period insufficient", [frame]);
}

/** An account that has to agree as its owner need not agree otherwise. */
function requiredApprovals(proposed: readonly Operation[]): { active: number[]; owner: number[] } {
  const owner = sorted(proposed.flatMap(({ requiredOwner }) => requiredOwner));
  const active = sorted(proposed.flatMap(({ requiredActive }) => requiredActive));
  return { owner, active: active.filter((account) => !owner.includes(account)) };
}

function sorted(accounts: Iterable<number>): number[] {
  return [...new Set(accounts)].sort((a, b) => a - b);
}

export function createProposal(operation: OtherOperation, evaluation: Evaluation): string | ChainFailure {
  const { state } = evaluation;
  const { body, payer, proposed } = operation;
  const instance = state.nextInstance("proposal");
  if (instance <= latestNamed(proposed)) {
    const format =
      "vtor_1479.nested_update_count == 0 || proposal.id.instance() > vtor_1479.max_update_instance: Cannot update/delete a proposal with a future id!";
    return assertion({ file, line: 462, method: "operator()" }, { format }).capture(
      file,
      477,
      "do_apply",
      JSON.stringify({ o: body }),
    );
  }
  const { active, owner } = requiredApprovals(proposed);
  const expirationSeconds = readTime(body.expiration_time);
  const review = Number(body.review_period_seconds ?? 0);
  const wrappers = body.proposed_ops as readonly { readonly op: Json }[];
  state.proposals.set(instance, {
    instance,
    proposer: payer,
    expirationSeconds,
    reviewSeconds: body.review_period_seconds === undefined ? null : expirationSeconds - review,
    operations: proposed,
    operationsJson: JSON.stringify(wrappers.map(({ op }) => op)),
    requiredActive: active,
    requiredOwner: owner,
    availableActive: [],
    availableOwner: [],
    availableKeys: [],
    failReason: "",
  });
  return newObject(`1.10.${instance}`);
}

/** The latest proposal that operations in a proposal update or delete; -1 where they do not. */
function latestNamed(proposed: readonly Operation[]): number {
  const named = proposed.map((operation) => {
    if (operation.kind !== "other") return -1;
    const { type, body } = operation;
    if (type === operationTypes.proposalCreate) return latestNamed(operation.proposed);
    const names = type === operationTypes.proposalUpdate || type === operationTypes.proposalDelete;
    return names ? readInstance(body.proposal, "1.10.") : -1;
  });
  return Math.max(-1, ...named);
}

function found({ body }: OtherOperation, state: State): Proposal | undefined {
  return state.proposals.get(readInstance(body.proposal, "1.10."));
}

export function refuseProposalUpdate(operation: OtherOperation, evaluation: Evaluation): ChainFailure | null {
  const proposal = found(operation, evaluation.state);
  const { body } = operation;
  const refusal =
    proposal === undefined
      ? missingObject(String(body.proposal))
      : refuseApprovals(proposal, operation, evaluation.headSeconds);
  return refusal?.capture(file, 501, "do_evaluate", JSON.stringify({ o: body })) ?? null;
}

function refuseApprovals(proposal: Proposal, { body }: OtherOperation, headSeconds: number): ChainFailure | null {
  const source = { file, method: "do_evaluate" };
  const adds = accountsOf(body.active_approvals_to_add).length + accountsOf(body.owner_approvals_to_add).length > 0;
  if (proposal.reviewSeconds !== null && headSeconds >= proposal.reviewSeconds && adds) {
    const format =
      "o.active_approvals_to_add.empty() && o.owner_approvals_to_add.empty(): This proposal is in its review period. No new approvals may be added.";
    return assertion({ ...source, line: 486 }, { format });
  }
  for (const [line, role, available] of [
    [491, "active", proposal.availableActive],
    [496, "owner", proposal.availableOwner],
  ] as const) {
    const unknown = accountsOf(body[`${role}_approvals_to_remove`]).find((account) => !available.includes(account));
    if (unknown === undefined) continue;
    const set = `_proposal->available_${role}_approvals`;
    return assertion(
      { ...source, line },
      {
        format: `${set}.find(id) != ${set}.end(): `,
        data: JSON.stringify({ id: `1.2.${unknown}`, available: available.map((account) => `1.2.${account}`) }),
      },
    );
  }
  return null;
}

function accountsOf(value: Json | undefined): number[] {
  return (value as readonly string[]).map((id) => Number(id.slice(4)));
}

export function updateProposal(operation: OtherOperation, evaluation: Evaluation, cause: number): string {
  const { state } = evaluation;
  const { body } = operation;
  const before = found(operation, state)!;
  const accounts = (role: "active" | "owner", available: readonly number[]): readonly number[] =>
    changed(available, accountsOf(body[`${role}_approvals_to_add`]), accountsOf(body[`${role}_approvals_to_remove`]));
  const keys = changed(
    before.availableKeys,
    body.key_approvals_to_add as readonly string[],
    body.key_approvals_to_remove as readonly string[],
  );
  const proposal: Proposal = {
    ...before,
    availableActive: sorted(accounts("active", before.availableActive)),
    availableOwner: sorted(accounts("owner", before.availableOwner)),
    availableKeys: keys,
  };
  state.proposals.set(proposal.instance, proposal);
  // With a review period it is carried out when it expires, and not before.
  if (proposal.reviewSeconds !== null || !isAuthorised(proposal, state)) return nothing;
  const failure = execute(proposal, evaluation, cause);
  if (failure !== null) state.proposals.set(proposal.instance, { ...proposal, failReason: toReason(failure) });
  return nothing;
}

function changed<T>(available: readonly T[], added: readonly T[], removed: readonly T[]): readonly T[] {
  return [...new Set([...available, ...added])].filter((one) => !removed.includes(one));
}

function isAuthorised(proposal: Proposal, state: State): boolean {
  const { availableActive, availableOwner, availableKeys: keys } = proposal;
  const approved = new Set([...availableActive, ...availableOwner]);
  const used = new Set<string>();
  const agrees = (account: number, role: "active" | "owner"): boolean => {
    const authority = state.accounts.get(account)?.[role];
    return authority !== undefined && isSatisfied(authority, keys, used, state, 0, approved);
  };
  const isAgreed = proposal.operations.every(
    ({ requiredOwner, requiredActive }) =>
      requiredOwner.every((account) => availableOwner.includes(account) || agrees(account, "owner")) &&
      requiredActive.every((account) => approved.has(account) || agrees(account, "active") || agrees(account, "owner")),
  );
  // Keys that nobody needs make it invalid, as they do in a signed transaction.
  return isAgreed && used.size === keys.length;
}

/** Carries out all of the operations, or none of them and says why. */
function execute(proposal: Proposal, evaluation: Evaluation, cause: number): ChainFailure | null {
  const { state, virtual, nestingLeft } = evaluation;
  // Approvals that proposals hold can make a chain of them longer than the stack is deep.
  if (nestingLeft === 0) {
    return assertion(
      { file: "db_block.cpp", line: 318, method: "undo_session_nesting_guard" },
      {
        format:
          "counter < db.get_global_properties().active_witnesses.size() * 2: Max undo session nesting depth exceeded!",
      },
    );
  }
  const within: Evaluation = { ...evaluation, nestingLeft: nestingLeft - 1 };
  const mark = state.journal.length;
  const before = virtual.length;
  for (const [index, operation] of proposal.operations.entries()) {
    const text = () => (JSON.parse(proposal.operationsJson) as readonly (readonly [number, Body])[])[index]!;
    const [type, body] = text();
    // In front of what it brings about itself.
    const place = virtual.push({ cause, account: operation.payer, others: namedIn(body), type, body, result: nothing });
    const result = evaluation.carryOut(operation, cause, within, text);
    if (typeof result !== "string") {
      state.journal.rollBack(mark);
      virtual.length = before;
      return result;
    }
    virtual[place - 1] = { ...virtual[place - 1]!, result };
  }
  state.proposals.delete(proposal.instance);
  return null;
}

type Body = { readonly [key: string]: Json };

function namedIn(body: Body): number[] {
  return [...JSON.stringify(body).matchAll(/"1\.2\.(\d+)"/g)].map(([, instance]) => Number(instance));
}

export function refuseProposalDelete(operation: OtherOperation, { state }: Evaluation): ChainFailure | null {
  const { body, payer } = operation;
  const proposal = found(operation, state);
  const captured = (failure: ChainFailure): ChainFailure =>
    failure.capture(file, 561, "do_evaluate", JSON.stringify({ o: body }));
  if (proposal === undefined) return captured(missingObject(String(body.proposal)));
  const required = body.using_owner_authority === true ? proposal.requiredOwner : proposal.requiredActive;
  if (required.includes(payer)) return null;
  return captured(
    assertion(
      { file, line: 556, method: "do_evaluate" },
      {
        format:
          "required_approvals->find(o.fee_paying_account) != required_approvals->end(): Provided authority is not authoritative for this proposal.",
        data: JSON.stringify({ provided: `1.2.${payer}`, required: required.map((account) => `1.2.${account}`) }),
      },
    ),
  );
}

export function deleteProposal(operation: OtherOperation, { state }: Evaluation): string {
  state.proposals.delete(found(operation, state)!.instance);
  return nothing;
}

/** At the end of its time a proposal is carried out if it may be, and gone either way. */
export function expireProposal(proposal: Proposal, evaluation: Evaluation): void {
  if (isAuthorised(proposal, evaluation.state) && execute(proposal, evaluation, -1) === null) return;
  evaluation.state.proposals.delete(proposal.instance);
}
