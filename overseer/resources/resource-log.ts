import type { ResourceRecord, ResourceSourceRecord } from "../ledger/evidence.ts";
import type { UsageValues } from "./measures.ts";
import type { ResourceFeed, ResourceSink } from "./resource-sink.ts";

export interface ResourceLogPorts {
  /** Microseconds after T0; null before the barrier: such samples are of no use. */
  elapsedMicros(): number | null;
  append(record: ResourceRecord): void;
  /** The first of several failures in a row, and the end of them. */
  onTrouble(source: string, text: string): void;
  onRecovery(source: string): void;
}

/** Of one source; whoever fails more often has been told of enough, and the report shows every gap. */
const mostStretches = 5;

interface Known {
  record: string;
  failing: boolean;
  stretches: number;
}

/** Keeps what is seen, with its instants, and tells of failures without repeating itself. */
export class ResourceLog implements ResourceSink {
  readonly #ports: ResourceLogPorts;
  /** By name, and then by kind. */
  readonly #kinds = new Map<string, Map<ResourceSourceRecord["kind"], string>>();
  readonly #known = new Map<string, Known>();

  constructor(ports: ResourceLogPorts) {
    this.#ports = ports;
  }

  found(source: Omit<ResourceSourceRecord, "type">): ResourceFeed {
    const name = this.#uniqueName(source);
    const known = this.#known.get(name) ?? { record: "", failing: false, stretches: 0 };
    this.#known.set(name, known);
    const record: ResourceSourceRecord = { type: "source", ...source, name };
    const text = JSON.stringify(record);
    if (known.record !== text) this.#ports.append(record);
    known.record = text;
    return {
      sample: (values, trouble = null) => this.#tell(name, known, values, trouble),
      failed: (trouble) => this.#tell(name, known, null, trouble),
    };
  }

  /** A container may be called what a process or a target of Prometheus is called. */
  #uniqueName({ name, kind }: Pick<ResourceSourceRecord, "name" | "kind">): string {
    const ofKinds = this.#kinds.get(name) ?? new Map<ResourceSourceRecord["kind"], string>();
    this.#kinds.set(name, ofKinds);
    const given = ofKinds.get(kind) ?? (ofKinds.size === 0 ? name : `${name} (${kind})`);
    ofKinds.set(kind, given);
    return given;
  }

  #tell(source: string, known: Known, values: UsageValues | null, failure: string | null): void {
    if (known.failing !== (failure !== null)) {
      known.failing = failure !== null;
      known.stretches += known.failing ? 1 : 0;
      if (known.stretches <= mostStretches) {
        if (failure === null) this.#ports.onRecovery(source);
        else this.#ports.onTrouble(source, failure);
      }
    }
    const atMicros = this.#ports.elapsedMicros();
    if (atMicros !== null) this.#ports.append({ type: "sample", source, atMicros, values, failure });
  }
}
