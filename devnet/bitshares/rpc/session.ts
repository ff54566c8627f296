/** What one connection has asked for and been given. */
export class Session<Api> {
  /** Api ids are handed out per connection; databases come first, then login, as nodes do it. */
  readonly #apis: { readonly name: string; readonly api: Api }[] = [];
  readonly #send: (text: string) => void;
  blockCallback: number | null = null;
  pendingCallback: number | null = null;
  subscribeCallback: number | null = null;
  /** Ids of objects whose changes are announced through the subscribe callback. */
  readonly watched = new Set<string>();
  readonly inclusionCallbacks = new Map<string, (trx: string) => void>();
  /** Broadcasts that wait for their turn. */
  queued = 0;
  onServed: () => void = () => undefined;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  send(text: string): void {
    this.#send(text);
  }

  register(name: string, api: Api): number {
    const known = this.#apis.findIndex((registered) => registered.name === name);
    if (known >= 0) return known;
    return this.#apis.push({ name, api }) - 1;
  }

  api(id: number): Api | undefined {
    return this.#apis[id]?.api;
  }
}
