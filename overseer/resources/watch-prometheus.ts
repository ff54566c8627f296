import { setTimeout as delay } from "node:timers/promises";
import { Agent, type Dispatcher, request } from "undici";
import { z } from "zod";
import { messageOf } from "../../shared/errors/app-error.ts";
import type { PrometheusMetric, PrometheusTarget } from "../../shared/scenario/observe-settings.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { ExpositionFigures } from "./exposition-figures.ts";
import type { UsageValues } from "./measures.ts";
import { exposedMetricsOf } from "./preset-metrics.ts";
import type { ResourceSink, ResourceWatcher } from "./resource-sink.ts";

/** What a target is shown; held in this process only. */
export interface TargetSecrets {
  readonly token: string | null;
  /** Certificates of the authority, PEM. */
  readonly authority: string | null;
}

/** A host with thousands of disks and links tells some MB; more is not what was meant. */
const maximumBytes = 32 * 1024 * 1024;
const shownErrorCharacters = 200;

/** Asks an exporter, a node or a Prometheus server again and again. */
export function prometheusWatcher(target: PrometheusTarget, secrets: TargetSecrets, clock: Clock): ResourceWatcher {
  const { name, url, intervalMicros } = target;
  const intervalMs = intervalMicros / 1000;
  return {
    async watch(sink: ResourceSink, signal: AbortSignal): Promise<void> {
      const agent = new Agent({
        connections: 4,
        ...(secrets.authority === null ? {} : { connect: { ca: secrets.authority } }),
      });
      const ask = (address: string): Promise<string> => fetchText(address, { agent, secrets, intervalMs, signal });
      const look = target.kind === "server" ? serverLook(target, ask) : expositionLook(target, ask, clock);
      const feed = sink.found({ name, kind: "metrics", about: url, measures: look.measures });
      try {
        for (let due = clock.nowMicros(); !signal.aborted; due += intervalMicros) {
          // One that takes longer than the interval leaves moments out instead of being asked twice at a time.
          due = Math.max(due, clock.nowMicros() - intervalMicros);
          await delay(Math.max(0, (due - clock.nowMicros()) / 1000), undefined, { signal }).catch(() => undefined);
          if (signal.aborted) return;
          try {
            const { values, trouble } = await look.take();
            feed.sample(values, trouble);
          } catch (error) {
            if (!signal.aborted) feed.failed(messageOf(error));
          }
        }
      } finally {
        await agent.destroy();
      }
    },
  };
}

interface Look {
  readonly measures: Parameters<ResourceSink["found"]>[0]["measures"];
  take(): Promise<{ readonly values: UsageValues; readonly trouble: string | null }>;
}

type Ask = (address: string) => Promise<string>;

function expositionLook({ url, metrics }: PrometheusTarget, ask: Ask, clock: Clock): Look {
  const exposed = exposedMetricsOf(metrics);
  const figures = new ExpositionFigures(exposed);
  return {
    measures: exposed.map(({ key, label, unit }) => ({ key, label, unit })),
    async take() {
      const text = await ask(url);
      const { values, missing } = figures.take(text, clock.nowMicros() / 1e6);
      return { values, trouble: missing.length === 0 ? null : `it has no ${missing.join(", ")}` };
    },
  };
}

function serverLook({ url, metrics }: PrometheusTarget, ask: Ask): Look {
  const queries = metrics as readonly PrometheusMetric[];
  return {
    measures: queries.map(({ name, unit }) => ({ key: name, label: name, unit })),
    async take() {
      const results = await Promise.allSettled(
        queries.map(async ({ expression }) => valueIn(await ask(queryUrl(url, expression)))),
      );
      const values: Record<string, number | null> = {};
      const troubles: string[] = [];
      for (const [i, { name }] of queries.entries()) {
        const result = results[i] as PromiseSettledResult<number>;
        values[name] = result.status === "fulfilled" ? result.value : null;
        if (result.status === "rejected") troubles.push(`${name}: ${messageOf(result.reason)}`);
      }
      return { values, trouble: troubles.length === 0 ? null : troubles.join("; ") };
    },
  };
}

function queryUrl(server: string, query: string): string {
  const url = new URL(`${server.replace(/\/+$/, "")}/api/v1/query`);
  url.searchParams.set("query", query);
  return url.href;
}

const numberText = z.tuple([z.number(), z.string()]);
const answerSchema = z.union([
  z.object({ status: z.literal("error"), error: z.string() }),
  z.object({ data: z.object({ resultType: z.literal("scalar"), result: numberText }) }),
  z.object({ data: z.object({ resultType: z.literal("vector"), result: z.array(z.object({ value: numberText })) }) }),
]);

/** The one value that a query gave. Several are not added up: that would be a guess. */
function valueIn(text: string): number {
  const answer = answerSchema.safeParse(parsedJson(text));
  if (!answer.success) throw new Error("the answer is none of a Prometheus server");
  if ("error" in answer.data) throw new Error(answer.data.error);
  const { data } = answer.data;
  const values = data.resultType === "scalar" ? [data.result] : data.result.map(({ value }) => value);
  if (values.length > 1) throw new Error(`the query gives ${values.length} series; make one of them, as with sum(…)`);
  const value = values[0] === undefined ? Number.NaN : Number(values[0][1]);
  if (!Number.isFinite(value)) throw new Error("the query gives no value");
  return value;
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

interface FetchOptions {
  readonly agent: Dispatcher;
  readonly secrets: TargetSecrets;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
}

/** Redirections are not followed: the token is for this host. */
async function fetchText(address: string, { agent, secrets, intervalMs, signal }: FetchOptions): Promise<string> {
  const deadline = AbortSignal.timeout(intervalMs);
  try {
    const { statusCode, body } = await request(address, {
      dispatcher: agent,
      signal: AbortSignal.any([signal, deadline]),
      headers: {
        accept: "text/plain;version=0.0.4, application/json;q=0.9",
        ...(secrets.token === null ? {} : { authorization: `Bearer ${secrets.token}` }),
      },
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of body as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > maximumBytes) throw new Error(`the answer is larger than ${maximumBytes / 1024 / 1024} MiB`);
      parts.push(part);
    }
    const text = Buffer.concat(parts).toString("utf8");
    // A server of Prometheus explains a query that is wrong in the answer's body, with a status of 4xx.
    if (statusCode >= 300 && !text.startsWith('{"status":"error"')) throw new Error(`it answers ${statusCode}`);
    return text;
  } catch (error) {
    if (deadline.aborted && !signal.aborted) throw new Error(`no answer within ${intervalMs / 1000} s`);
    throw new Error(messageOf(error).slice(0, shownErrorCharacters), { cause: error });
  }
}
