import { type ChainFailure, toSummary } from "../chain/failure.ts";
import type { Json } from "../codec/json.ts";

/** The id and protocol version that a request came with; both go back with the answer. */
export interface RequestTag {
  readonly id: string | number | null;
  readonly hasVersion: boolean;
}

/** Results are JSON text: blocks and empty answers are made once and sent many times. */
export function toResult(tag: RequestTag, result: string): string {
  return `${head(tag)},"result":${result}}`;
}

export function toError(tag: RequestTag, error: string): string {
  return `${head(tag)},"error":${error}}`;
}

export function toNotice(callback: number, payload: string): string {
  return `{"method":"notice","params":[${callback},[${payload}]]}`;
}

function head({ id, hasVersion }: RequestTag): string {
  const idJson = typeof id === "number" ? id : JSON.stringify(id);
  return hasVersion ? `{"id":${idJson},"jsonrpc":"2.0"` : `{"id":${idJson}`;
}

export function failureJson(failure: ChainFailure, seconds: string): string {
  const { code, name, message } = failure;
  return `{"code":${code},"message":${JSON.stringify(toSummary(failure))},"data":${detailJson(failure, seconds, { code, name, message })}}`;
}

/** Errors of the protocol itself have codes of their own outside and the exception's inside. */
export function protocolErrorJson(
  code: number,
  message: string,
  failure: ChainFailure | null,
  seconds: string,
): string {
  const start = `{"code":${code},"message":${JSON.stringify(message)}`;
  return failure === null ? `${start}}` : `${start},"data":${detailJson(failure, seconds, failure)}}`;
}

function detailJson(
  { frames }: ChainFailure,
  seconds: string,
  { code, name, message }: { readonly code: number; readonly name: string; readonly message: string },
): string {
  const stack = frames.map(
    ({ level, file, line, method, thread, format, data }) =>
      `{"context":{"level":"${level}","file":"${file}","line":${line},"method":"${method}","hostname":"","thread_name":"${thread}","timestamp":"${seconds}"},"format":${JSON.stringify(format)},"data":${data}}`,
  );
  return `{"code":${code},"name":"${name}","message":"${message}","stack":[${stack.join(",")}]}`;
}

export function isRequestId(value: Json | undefined): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
