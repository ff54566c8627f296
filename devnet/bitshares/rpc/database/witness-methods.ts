import type { Json } from "../../codec/json.ts";
import { findAccount, readList, readText, readUnsigned } from "../arguments.ts";
import type { Call, Method } from "../method.ts";
import { renderCommitteeMember, renderWitness } from "../render-objects.ts";

function named(given: readonly Json[], prefix: string, { network, node }: Call): string {
  const [lowerBound, limit] = given;
  const from = readText(lowerBound);
  const pairs = network.parameters.witnesses.map(({ account }, index) => {
    const id = prefix === "1.6." ? index + 1 : index;
    return [node.chain.state.accounts.get(account)!.name, `${prefix}${id}`] as const;
  });
  const sorted = pairs.filter(([name]) => name >= from).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(sorted.slice(0, readUnsigned(limit)));
}

function indexOfAccount(given: Json | undefined, { network, node }: Call): number {
  const account = findAccount(node.chain.state, given);
  return network.parameters.witnesses.findIndex((witness) => witness.account === account?.instance);
}

function instanceOf(id: Json): number {
  return Number(readText(id).split(".")[2]);
}

export const witnessMethods: Readonly<Record<string, Method>> = {
  get_witness_count: { required: 0, run: (_args, { network }) => String(network.parameters.witnesses.length) },
  get_witnesses: {
    required: 1,
    run: ([ids], { network, node }) =>
      JSON.stringify(readList(ids).map((id) => renderWitness(instanceOf(id) - 1, network, node.chain.head))),
  },
  get_witness_by_account: {
    required: 1,
    run: ([account], call) =>
      JSON.stringify(renderWitness(indexOfAccount(account, call), call.network, call.node.chain.head)),
  },
  lookup_witness_accounts: { required: 2, run: (args, call) => named(args, "1.6.", call) },
  get_committee_count: { required: 0, run: (_args, { network }) => String(network.parameters.witnesses.length) },
  get_committee_members: {
    required: 1,
    run: ([ids], { network }) =>
      JSON.stringify(readList(ids).map((id) => renderCommitteeMember(instanceOf(id), network))),
  },
  get_committee_member_by_account: {
    required: 1,
    run: ([account], call) => JSON.stringify(renderCommitteeMember(indexOfAccount(account, call), call.network)),
  },
  lookup_committee_member_accounts: { required: 2, run: (args, call) => named(args, "1.5.", call) },
  lookup_vote_ids: {
    required: 1,
    run: ([ids], { network, node }) => {
      const count = network.parameters.witnesses.length;
      const votes = readList(ids).map((vote) => {
        const [type, number] = readText(vote).split(":").map(Number);
        if (type === 1) return renderWitness(number!, network, node.chain.head);
        return type === 0 ? renderCommitteeMember(number! - count, network) : null;
      });
      return JSON.stringify(votes);
    },
  },
};
