import type { Scheduler } from "./scheduler.ts";

interface Envelope<Message> {
  readonly dueMicros: number;
  readonly message: Message;
}

/** One direction between two nodes: everything arrives in the order in which it was sent. */
class Link<Message> {
  readonly #scheduler: Scheduler;
  readonly #deliver: (message: Message) => void;
  #waiting: Envelope<Message>[] = [];
  isCut = false;

  constructor(scheduler: Scheduler, deliver: (message: Message) => void) {
    this.#scheduler = scheduler;
    this.#deliver = deliver;
  }

  send(message: Message, delayMicros: number): void {
    if (this.isCut) return;
    const dueMicros = Math.max(this.#scheduler.instantMicros() + delayMicros, this.#waiting.at(-1)?.dueMicros ?? 0);
    this.#waiting.push({ dueMicros, message });
    if (this.#waiting.length === 1) this.#arm(dueMicros);
  }

  #arm(dueMicros: number): void {
    this.#scheduler.at(dueMicros, () => {
      const instantMicros = this.#scheduler.instantMicros();
      const due = this.#waiting.findIndex((envelope) => envelope.dueMicros > instantMicros);
      const arrived = due < 0 ? this.#waiting : this.#waiting.slice(0, due);
      this.#waiting = due < 0 ? [] : this.#waiting.slice(due);
      if (this.#waiting.length > 0) this.#arm(this.#waiting[0]!.dueMicros);
      for (const { message } of arrived) this.#deliver(message);
    });
  }
}

export interface MeshOptions<Message> {
  readonly nodes: number;
  readonly delayMs: number;
  readonly deliver: (to: number, message: Message) => void;
}

/** Every node talks to every other. While the network is split, what is sent to the other side is lost. */
export class Mesh<Message> {
  readonly #links: readonly (readonly (Link<Message> | null)[])[];
  #delayMicros: number;

  constructor({ nodes, delayMs, deliver }: MeshOptions<Message>, scheduler: Scheduler) {
    this.#delayMicros = delayMs * 1000;
    const indices = Array.from({ length: nodes }, (_, index) => index);
    this.#links = indices.map((from) =>
      indices.map((to) => (from === to ? null : new Link<Message>(scheduler, (message) => deliver(to, message)))),
    );
  }

  setDelay(delayMs: number): void {
    this.#delayMicros = delayMs * 1000;
  }

  broadcast(from: number, message: Message): void {
    for (const link of this.#links[from] ?? []) link?.send(message, this.#delayMicros);
  }

  /** Cuts every link between the nodes for which `side` differs. */
  split(side: (node: number) => boolean): void {
    for (const [from, links] of this.#links.entries()) {
      for (const [to, link] of links.entries()) if (link !== null) link.isCut = side(from) !== side(to);
    }
  }

  heal(): void {
    for (const links of this.#links) for (const link of links) if (link !== null) link.isCut = false;
  }
}
