import type { SecretSource } from "./secret-source.ts";

/** What is looked at during a run besides the beacons and the blocks. Nothing of it can fail the run. */
export interface ObserveSettings {
  /** Containers of the engine whose statistics are taken. */
  readonly containers: readonly ContainerSelector[];
  readonly prometheus: readonly PrometheusTarget[];
}

export type ContainerSelector =
  | { readonly kind: "name"; readonly name: string }
  /** All that `overseer deploy` has made under this name. */
  | { readonly kind: "deployment"; readonly deployment: string }
  /** `key` or `key=value`. */
  | { readonly kind: "label"; readonly label: string };

export interface PrometheusTarget {
  readonly name: string;
  /** `exposition`: the URL answers with the text format itself; `server`: it is a Prometheus server's. */
  readonly kind: "exposition" | "server";
  readonly url: string;
  readonly metrics: MetricPreset | readonly PrometheusMetric[];
  readonly intervalMicros: number;
  /** Shown as a bearer token. */
  readonly token: SecretSource | null;
  /** File with the certificates of the authority that the URL's host must be vouched for by; null: the usual ones. */
  readonly authority: string | null;
}

/** `host`: a node_exporter; `process`: what Prometheus' client libraries tell; `antelope`: nodeos' own plugin. */
export const metricPresets = ["host", "process", "antelope"] as const;

export type MetricPreset = (typeof metricPresets)[number];

export const metricUnits = ["count", "per second", "cores", "bytes", "bytes per second", "share", "seconds"] as const;

export type MetricUnit = (typeof metricUnits)[number];

export interface PrometheusMetric {
  readonly name: string;
  /** A selector such as `nodeos_p2p_peers{…}` of an exposition, a query of a server. */
  readonly expression: string;
  /** Only ever rises: shown as what it rises by in a second. */
  readonly isCounter: boolean;
  readonly unit: MetricUnit;
}
