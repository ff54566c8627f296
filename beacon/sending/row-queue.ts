/** First in, first out, of row numbers; grows as needed and allocates nothing otherwise. */
export class RowQueue {
  #rows = new Uint32Array(1024);
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The row at `index` from the front; only below `length`. */
  at(index: number): number {
    return this.#rows[(this.#first + index) & (this.#rows.length - 1)] as number;
  }

  push(row: number): void {
    if (this.#length === this.#rows.length) this.#grow();
    this.#rows[(this.#first + this.#length) & (this.#rows.length - 1)] = row;
    this.#length++;
  }

  /** Only when there is one. */
  shift(): number {
    const row = this.at(0);
    this.#first = (this.#first + 1) & (this.#rows.length - 1);
    this.#length--;
    return row;
  }

  /** Takes back the row pushed last; only when there is one. */
  pop(): number {
    const row = this.at(this.#length - 1);
    this.#length--;
    return row;
  }

  /** The capacity stays a power of two, so that places wrap around by a mask. */
  #grow(): void {
    const larger = new Uint32Array(this.#rows.length * 2);
    for (let i = 0; i < this.#length; i++) larger[i] = this.at(i);
    this.#rows = larger;
    this.#first = 0;
  }
}
