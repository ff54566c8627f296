import { readList, readText, readUnsigned } from "../arguments.ts";
import { chainConfig } from "../chain-config.ts";
import type { Call, Method } from "../method.ts";
import { renderDynamicProperties, renderGlobalProperties, renderObject } from "../render-objects.ts";

const chainConfigJson = JSON.stringify(chainConfig);

function blockJson(number: number, { network, node }: Call): string {
  const block = node.chain.block(number);
  return block === undefined ? "null" : network.store.json(block);
}

function headerJson(number: number, { node }: Call): string {
  const block = node.chain.block(number);
  return block === undefined ? "null" : `{${block.headerJson}}`;
}

interface StoredBlock {
  readonly transactions: readonly { readonly operation_results: unknown }[];
}

export const chainMethods: Readonly<Record<string, Method>> = {
  get_chain_id: { required: 0, run: (_args, { network }) => `"${network.parameters.chainId.toString("hex")}"` },
  get_chain_properties: {
    required: 0,
    run: (_args, { network: { parameters } }) =>
      JSON.stringify({
        id: "2.11.0",
        chain_id: parameters.chainId.toString("hex"),
        immutable_parameters: {
          min_committee_member_count: parameters.witnesses.length,
          min_witness_count: parameters.witnesses.length,
          num_special_accounts: 0,
          num_special_assets: 0,
        },
      }),
  },
  get_global_properties: { required: 0, run: (_args, { network }) => JSON.stringify(renderGlobalProperties(network)) },
  get_dynamic_global_properties: {
    required: 0,
    run: (_args, { network, node }) => JSON.stringify(renderDynamicProperties(node, network)),
  },
  get_config: { required: 0, run: () => chainConfigJson },
  get_objects: {
    required: 1,
    run: ([ids, subscribe], { network, node, session }) => {
      const wanted = readList(ids).map(readText);
      if (session.subscribeCallback !== null && subscribe !== false) for (const id of wanted) session.watched.add(id);
      return JSON.stringify(wanted.map((id) => renderObject(id, network, node)));
    },
  },
  get_block: { required: 1, run: ([number], call) => blockJson(readUnsigned(number), call) },
  get_block_header: { required: 1, run: ([number], call) => headerJson(readUnsigned(number), call) },
  get_block_header_batch: {
    required: 1,
    run: ([numbers], call) => {
      const pairs = readList(numbers).map((item) => {
        const number = readUnsigned(item);
        return `[${number},${headerJson(number, call)}]`;
      });
      return `[${pairs.join(",")}]`;
    },
  },
  get_transaction: {
    required: 2,
    run: ([number, position], call) => {
      const block = JSON.parse(blockJson(readUnsigned(number), call)) as StoredBlock | null;
      return JSON.stringify(block?.transactions[readUnsigned(position)] ?? null);
    },
  },
  get_recent_transaction_by_id: {
    required: 1,
    run: ([given], call) => {
      const id = readText(given);
      const { chain } = call.node;
      const pending = chain.pending(id);
      if (pending !== undefined) return `${pending.json}}`;
      const found = call.network.store.find(id, (block) => chain.has(block));
      if (found === null) return "null";
      const block = JSON.parse(call.network.store.json(found.block)) as StoredBlock;
      const { operation_results: _, ...transaction } = block.transactions[found.index]!;
      return JSON.stringify(transaction);
    },
  },
};
