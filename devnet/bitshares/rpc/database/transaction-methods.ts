import { checkAuthority, isSatisfied } from "../../chain/authority.ts";
import { ChainFailure } from "../../chain/failure.ts";
import { ByteWriter } from "../../codec/byte-writer.ts";
import { compileOperation } from "../../codec/compile-operation.ts";
import type { Json } from "../../codec/json.ts";
import { type Operation, operationTypes } from "../../codec/operation.ts";
import { toAmountJson, Unreadable } from "../../codec/read-value.ts";
import { prepareTransaction } from "../../codec/signed-transaction.ts";
import { type ReadTransaction, readTransaction } from "../../codec/transaction.ts";
import { findAccount, readList, readText } from "../arguments.ts";
import type { Answer, Call, Method } from "../method.ts";

function read(given: Json | undefined): ReadTransaction {
  const transaction = readTransaction(given);
  if (transaction instanceof ChainFailure) throw new Unreadable(transaction);
  return transaction;
}

/** Keys that could sign for the transaction's accounts. */
function candidateKeys(transaction: ReadTransaction, { node }: Call): readonly string[] {
  const { accounts } = node.chain.state;
  const keys = transaction.operations.flatMap(({ requiredActive, requiredOwner }) => [
    ...requiredActive.flatMap((account) => accounts.get(account)?.active.keys ?? []),
    ...[...requiredActive, ...requiredOwner].flatMap((account) => accounts.get(account)?.owner.keys ?? []),
  ]);
  return [...new Set(keys.map(([key]) => key))];
}

function requiredSignatures(args: readonly Json[], call: Call): string {
  const transaction = read(args[0]);
  const available = new Set(readList(args[1]).map(readText));
  const signed = prepareTransaction(args[0], call.network.parameters.chainId);
  const present = signed instanceof ChainFailure ? [] : signed.keys;
  const { state } = call.node.chain;
  const wanted = new Set<string>();
  const usable = candidateKeys(transaction, call).filter((key) => available.has(key) && !present.includes(key));
  for (const { requiredActive, requiredOwner } of transaction.operations) {
    for (const account of [...requiredOwner, ...requiredActive]) {
      const found = state.accounts.get(account);
      const authority = requiredOwner.includes(account) ? found?.owner : found?.active;
      if (authority === undefined || isSatisfied(authority, present, new Set(), state, 0)) continue;
      isSatisfied(authority, [...present, ...usable], wanted, state, 0);
    }
  }
  return JSON.stringify([...wanted].filter((key) => !present.includes(key)));
}

function verifyAuthority(given: Json | undefined, call: Call): Answer {
  const transaction = prepareTransaction(given, call.network.parameters.chainId);
  if (transaction instanceof ChainFailure) return transaction;
  return checkAuthority(transaction, call.node.chain.state) ?? "true";
}

function validateTransaction(given: Json | undefined, call: Call): Answer {
  const transaction = prepareTransaction(given, call.network.parameters.chainId);
  if (transaction instanceof ChainFailure) return transaction;
  const applied = call.node.chain.examine(transaction);
  if (applied instanceof ChainFailure) return applied;
  return `${transaction.json},"operation_results":[${applied.results.join(",")}]}`;
}

function requiredFees(operations: Json | undefined): string {
  const fees = readList(operations).map((given) => feeJson(compileOperation(given, new ByteWriter()).operation));
  return `[${fees.join(",")}]`;
}

/** A proposal's fee comes with those of the operations in it. */
function feeJson(operation: Operation): string {
  const fee = toAmountJson({ amount: operation.requiredFee, asset: 0 });
  if (operation.type !== operationTypes.proposalCreate || operation.kind !== "other") return fee;
  return `[${fee},[${operation.proposed.map(feeJson).join(",")}]]`;
}

export const transactionMethods: Readonly<Record<string, Method>> = {
  get_required_fees: { required: 2, run: ([operations]) => requiredFees(operations) },
  get_transaction_hex: {
    required: 1,
    run: ([given]) => {
      const { unsignedBytes, signatures } = read(given);
      const count = signatures.length.toString(16).padStart(2, "0");
      return `"${unsignedBytes.toString("hex")}${count}${signatures.join("")}"`;
    },
  },
  get_transaction_hex_without_sig: { required: 1, run: ([given]) => `"${read(given).unsignedBytes.toString("hex")}"` },
  get_required_signatures: { required: 2, run: requiredSignatures },
  get_potential_signatures: { required: 1, run: ([given], call) => JSON.stringify(candidateKeys(read(given), call)) },
  get_potential_address_signatures: { required: 1, run: () => "[]" },
  verify_authority: { required: 1, run: ([given], call) => verifyAuthority(given, call) },
  verify_account_authority: {
    required: 2,
    run: ([name, keys], { node: { chain } }) => {
      const account = findAccount(chain.state, name);
      const given = readList(keys).map(readText);
      return String(account !== undefined && isSatisfied(account.active, given, new Set(), chain.state, 0));
    },
  },
  validate_transaction: { required: 1, run: ([given], call) => validateTransaction(given, call) },
};
