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
  /** Pairs that are connected, both ways; `null`: every node is connected to every other. */
  readonly links: readonly (readonly [number, number])[] | null;
  readonly delayMs: number;
  readonly deliver: (from: number, to: number, message: Message) => void;
}

/** Who is connected to whom. What is sent over a link that is cut is lost; what was on its way arrives. */
export class Mesh<Message> {
  /** By sender, then by receiver. */
  readonly #links: readonly ReadonlyMap<number, Link<Message>>[];
  #delayMicros: number;

  constructor({ nodes, links, delayMs, deliver }: MeshOptions<Message>, scheduler: Scheduler) {
    this.#delayMicros = delayMs * 1000;
    const connected = new Set((links ?? []).flatMap(([a, b]) => [a * nodes + b, b * nodes + a]));
    const indices = Array.from({ length: nodes }, (_, index) => index);
    this.#links = indices.map(
      (from) =>
        new Map(
          indices
            .filter((to) => to !== from && (links === null || connected.has(from * nodes + to)))
            .map((to) => [to, new Link<Message>(scheduler, (message) => deliver(from, to, message))]),
        ),
    );
  }

  setDelay(delayMs: number): void {
    this.#delayMicros = delayMs * 1000;
  }

  /** To every node that is connected, save `except`. */
  broadcast(from: number, message: Message, except?: number): void {
    for (const [to, link] of this.#links[from] ?? []) if (to !== except) link.send(message, this.#delayMicros);
  }

  /** Cuts the links for which `isApart` holds and mends all others. Returns the senders whose links were mended. */
  cut(isApart: (from: number, to: number) => boolean): readonly number[] {
    const mended = new Set<number>();
    for (const [from, links] of this.#links.entries()) {
      for (const [to, link] of links) {
        const wasCut = link.isCut;
        link.isCut = isApart(from, to);
        if (wasCut && !link.isCut) mended.add(from);
      }
    }
    return [...mended];
  }
}
