const answered = -1;

/**
 * The tokens sent over one connection and not answered yet, by the consecutive number each was sent with. A ring of
 * fixed size that only grows when answers stay out while thousands more are sent: nothing is allocated per message.
 */
export class InFlightRing {
  count = 0;

  #tokens: Float64Array;
  #mask: number;
  /** Everything below is answered. */
  #oldest = 0;
  #next = 0;

  constructor(capacity = 1024) {
    this.#tokens = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  /** The number to send the token with. */
  add(token: number): number {
    if (this.#next - this.#oldest > this.#mask) this.#grow();
    const number = this.#next++;
    this.#tokens[number & this.#mask] = token;
    this.count++;
    return number;
  }

  /** The token sent with that number, once; −1 for a number that was never sent or is answered already. */
  take(number: number): number {
    if (!(number >= this.#oldest && number < this.#next)) return answered;
    const place = number & this.#mask;
    const token = this.#tokens[place] as number;
    if (token === answered) return answered;
    this.#tokens[place] = answered;
    this.count--;
    while (this.#oldest < this.#next && this.#tokens[this.#oldest & this.#mask] === answered) this.#oldest++;
    return token;
  }

  /** Takes all that are left, the oldest first. */
  takeAll(each: (token: number) => void): void {
    for (; this.#oldest < this.#next; this.#oldest++) {
      const token = this.#tokens[this.#oldest & this.#mask] as number;
      if (token === answered) continue;
      this.count--;
      this.#tokens[this.#oldest & this.#mask] = answered;
      each(token);
    }
  }

  #grow(): void {
    const grown = new Float64Array(this.#tokens.length * 2);
    const mask = grown.length - 1;
    for (let i = this.#oldest; i < this.#next; i++) grown[i & mask] = this.#tokens[i & this.#mask] as number;
    this.#tokens = grown;
    this.#mask = mask;
  }
}
