import type { Order } from "./objects.ts";

interface Entry {
  readonly instance: number;
  readonly sell: number;
  readonly receive: number;
  readonly ratio: number;
}

/** The resting orders that sell one asset for another: best price for the buyer first, older first at the same price. */
class Side {
  readonly entries: Entry[] = [];

  insert(entry: Entry): void {
    this.entries.splice(this.#position(entry), 0, entry);
  }

  remove(entry: Entry): void {
    const position = this.#position(entry);
    if (this.entries[position]?.instance === entry.instance) this.entries.splice(position, 1);
  }

  #position(entry: Entry): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.entries[middle]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function compare(a: Entry, b: Entry): number {
  // Doubles decide all but the closest prices.
  if (Math.abs(a.ratio - b.ratio) > 1e-14 * Math.max(a.ratio, b.ratio)) return b.ratio - a.ratio;
  const cross = BigInt(b.sell) * BigInt(a.receive) - BigInt(a.sell) * BigInt(b.receive);
  if (cross !== 0n) return cross > 0n ? 1 : -1;
  return a.instance - b.instance;
}

/** An index over the table of orders, kept in step with it in both directions: changes and their undoing. */
export class OrderBook {
  readonly #sides = new Map<string, Side>();
  readonly #ofAccount = new Map<number, Set<number>>();

  constructor(orders: Iterable<Order>) {
    for (const order of orders) this.changed(order.instance, undefined, order);
  }

  changed(instance: number, before: Order | undefined, after: Order | undefined): void {
    if (before !== undefined && after === undefined) {
      this.#sideOf(before).remove(toEntry(before));
      this.#ofAccount.get(before.seller)?.delete(instance);
    } else if (before === undefined && after !== undefined) {
      this.#sideOf(after).insert(toEntry(after));
      const own = this.#ofAccount.get(after.seller);
      if (own === undefined) this.#ofAccount.set(after.seller, new Set([instance]));
      else own.add(instance);
    }
  }

  /** Instances of the orders that sell `sellAsset` for `receiveAsset`, best first. */
  *instances(sellAsset: number, receiveAsset: number): Generator<number> {
    const side = this.#sides.get(`${sellAsset}/${receiveAsset}`);
    if (side !== undefined) for (const entry of side.entries) yield entry.instance;
  }

  best(sellAsset: number, receiveAsset: number): number | undefined {
    return this.#sides.get(`${sellAsset}/${receiveAsset}`)?.entries[0]?.instance;
  }

  ofAccount(account: number): readonly number[] {
    return [...(this.#ofAccount.get(account) ?? [])].sort((a, b) => a - b);
  }

  #sideOf(order: Order): Side {
    const market = `${order.sell.asset}/${order.receive.asset}`;
    let side = this.#sides.get(market);
    if (side === undefined) {
      side = new Side();
      this.#sides.set(market, side);
    }
    return side;
  }
}

function toEntry(order: Order): Entry {
  const { amount: sell } = order.sell;
  const { amount: receive } = order.receive;
  return { instance: order.instance, sell, receive, ratio: sell / receive };
}
