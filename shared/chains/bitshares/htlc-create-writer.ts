import type { AccountPopularity } from "../../workload/popularity.ts";
import type { AmountLattice } from "../preparing/draw-space.ts";
import { TransferDraw } from "../preparing/transfer-draw.ts";
import type { HtlcCreateData } from "./chain-data.ts";
import { htlcHash, preimageBytes } from "./htlc-preimage.ts";
import { operationCode } from "./operation-payers.ts";
import { encodeOperation } from "./template-writer.ts";
import type { OperationWriter, TransactionDraft } from "./transaction-draft.ts";

const sha256Algorithm = 2;

/** Contracts between two accounts, which a later run can open: their preimages follow from the accounts and amounts. */
export class HtlcCreateWriter implements OperationWriter {
  readonly capacity: number;

  readonly #data: HtlcCreateData;
  readonly #draw: TransferDraw;

  constructor(
    data: HtlcCreateData,
    lattice: AmountLattice,
    { popularity, seed }: { popularity: AccountPopularity; seed: number },
  ) {
    this.#data = data;
    this.#draw = new TransferDraw(lattice, popularity, seed);
    this.capacity = this.#draw.capacity;
  }

  write(draft: TransactionDraft, position: number): void {
    const { fee, asset, claimSeconds, names } = this.#data;
    const draw = this.#draw;
    if (position === 0) draw.first(draft);
    else draw.any(draft);
    const { from, to, amount } = draw;
    draft.signedBy(from);
    const { bytes, json } = encodeOperation(operationCode("htlc_create"), {
      fee: { amount: fee, asset_id: "1.3.0" },
      from: `1.2.${draft.instanceOf(from)}`,
      to: `1.2.${draft.instanceOf(to)}`,
      amount: { amount, asset_id: `1.3.${asset.instance}` },
      preimage_hash: [sha256Algorithm, htlcHash(names[from] as string, names[to] as string, amount)],
      preimage_size: preimageBytes,
      claim_period_seconds: claimSeconds,
      extensions: [],
    });
    draft.binary.append(bytes);
    draft.text.ascii(json);
  }
}
