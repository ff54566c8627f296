import type { AccountPopularity } from "../../workload/popularity.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { PartySpace } from "../preparing/party-space.ts";
import type { CallOrderData, PublishFeedData } from "./chain-data.ts";
import { operationCode } from "./operation-payers.ts";
import { encodeOperation } from "./template-writer.ts";
import type { OperationWriter, TransactionDraft } from "./transaction-draft.ts";

const coreAssetId = "1.3.0";

/** Lends more against more collateral: no position has less for its debt than the lowest ratio. */
export class CallOrderWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: CallOrderData;
  readonly #space: PartySpace;

  constructor(
    data: CallOrderData,
    lattice: AmountLattice,
    { popularity, seed }: { popularity: AccountPopularity; seed: number },
  ) {
    this.#data = data;
    this.#space = new PartySpace({ lattice, popularity, seed, of: "senders", variants: 1 });
    this.capacity = this.#space.size;
  }

  write(draft: TransactionDraft, position: number): void {
    const { fee, debt, backing, worth, leastRatio, mostRatio } = this.#data;
    const space = this.#space;
    if (position === 0) {
      space.draw(draft.sequence);
      if (space.from >= 0) draft.payer = space.from;
    }
    const amount = position === 0 ? space.amount : space.anyAmount(draft.random.nextFraction());
    const ratio = leastRatio + draft.random.nextFraction() * (mostRatio - leastRatio);
    const borrower = draft.anyPayer();
    draft.signedBy(borrower);
    append(draft, "call_order_update", fee, {
      funding_account: `1.2.${draft.instanceOf(borrower)}`,
      // One unit more than what rounding could take away.
      delta_collateral: { amount: Math.ceil(amount * worth * ratio) + 1, asset_id: `1.3.${backing.instance}` },
      delta_debt: { amount, asset_id: `1.3.${debt.instance}` },
      extensions: {},
    });
  }
}

/** GRAPHENE_MAX_SHARE_SUPPLY: no price has larger terms. */
const largestTerm = 1_000_000_000_000_000;

/**
 * Says the same price again and again: its terms are multiplied by another number each time, which makes every
 * transaction its own and moves no market.
 */
export class PublishFeedWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: PublishFeedData;
  readonly #operationsPerTransaction: number;

  constructor(data: PublishFeedData, operationsPerTransaction: number) {
    this.#data = data;
    this.#operationsPerTransaction = operationsPerTransaction;
    this.capacity = Math.floor(largestTerm / Math.max(...lowestTerms(data.price)) / operationsPerTransaction) - 1;
  }

  write(draft: TransactionDraft, position: number): void {
    const { fee, publisher, asset, backing, coreRate, maintenanceRatio, squeezeRatio } = this.#data;
    if (draft.payer < 0) draft.payer = publisher;
    draft.signedBy(publisher);
    const [debt, collateral] = lowestTerms(this.#data.price);
    const times = 1 + draft.sequence * this.#operationsPerTransaction + position;
    const side = (amount: number, asset_id: string) => ({ amount, asset_id });
    append(draft, "asset_publish_feed", fee, {
      publisher: `1.2.${draft.instanceOf(publisher)}`,
      asset_id: `1.3.${asset}`,
      feed: {
        settlement_price: {
          base: side(debt * times, `1.3.${asset}`),
          quote: side(collateral * times, `1.3.${backing}`),
        },
        maintenance_collateral_ratio: maintenanceRatio,
        maximum_short_squeeze_ratio: squeezeRatio,
        core_exchange_rate: { base: side(coreRate[0], `1.3.${asset}`), quote: side(coreRate[1], coreAssetId) },
      },
      extensions: [],
    });
  }
}

function lowestTerms([a, b]: readonly [number, number]): readonly [number, number] {
  let [divisor, rest] = [a, b];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return [a / divisor, b / divisor];
}

function append(draft: TransactionDraft, operation: string, fee: number, fields: object): void {
  const { bytes, json } = encodeOperation(operationCode(operation), {
    fee: { amount: fee, asset_id: coreAssetId },
    ...fields,
  });
  draft.binary.append(bytes);
  draft.text.ascii(json);
}
