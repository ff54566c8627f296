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
  delayMicros = 0;

  constructor(scheduler: Scheduler, deliver: (message: Message) => void) {
    this.#scheduler = scheduler;
    this.#deliver = deliver;
  }

  send(message: Message): void {
    if (this.isCut) return;
    const lastMicros = this.#waiting.at(-1)?.dueMicros ?? 0;
    const dueMicros = Math.max(this.#scheduler.instantMicros() + this.delayMicros, lastMicros);
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

export interface MeshDelays {
  /** Of every link that has none of its own. */
  readonly delayMs: number;
  /** Both ways. */
  readonly own: readonly { readonly between: readonly [number, number]; readonly ms: number }[];
}

export interface MeshOptions<Message> {
  readonly nodes: number;
  /** Pairs that are connected, both ways; `null`: every node is connected to every other. */
  readonly links: readonly (readonly [number, number])[] | null;
  readonly delays: MeshDelays;
  readonly deliver: (from: number, to: number, message: Message) => void;
}

/** Who is connected to whom. What is sent over a link that is cut is lost; what was on its way arrives. */
export class Mesh<Message> {
  /** By sender, then by receiver. */
  readonly #links: readonly ReadonlyMap<number, Link<Message>>[];

  constructor({ nodes, links, delays, deliver }: MeshOptions<Message>, scheduler: Scheduler) {
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
    this.setDelays(delays);
  }

  setDelays({ delayMs, own }: MeshDelays): void {
    for (const links of this.#links) for (const link of links.values()) link.delayMicros = delayMs * 1000;
    for (const { between, ms } of own) {
      const [a, b] = between;
      for (const link of [this.#links[a]?.get(b), this.#links[b]?.get(a)]) {
        if (link !== undefined) link.delayMicros = ms * 1000;
      }
    }
  }

  /** To every node that is connected, save `except`. */
  broadcast(from: number, message: Message, except?: number): void {
    for (const [to, link] of this.#links[from] ?? []) if (to !== except) link.send(message);
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
