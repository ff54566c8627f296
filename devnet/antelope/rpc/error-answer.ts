/** One entry of an error's details, as nodes with verbose HTTP errors write it. */
export interface ErrorDetail {
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly method: string;
}

export interface NodeError {
  readonly code: number;
  readonly name: string;
  readonly what: string;
  readonly details: readonly ErrorDetail[];
}

export interface HttpAnswer {
  readonly status: number;
  /** JSON text. */
  readonly body: string;
}

/** Nodes answer these with a status of their own, and every other error with 500. */
const statuses: ReadonlyMap<number, readonly [status: number, message: string]> = new Map([
  [3_100_002, [400, "Unknown Block"]],
  [3_200_006, [400, "Invalid Request"]],
  [3_060_002, [400, "Account lookup"]],
  [3_090_003, [401, "UnAuthorized"]],
  [3_040_008, [409, "Conflict"]],
]);

const internal = [500, "Internal Service Error"] as const;

export function toErrorAnswer(error: NodeError): HttpAnswer {
  const [status, message] = statuses.get(error.code) ?? internal;
  return { status, body: errorBody(status, message, error) };
}

/** What becomes of a transaction that failed: nodes have lost by then what kind of error it was, and answer 500. */
export function toFailedTransactionAnswer(error: NodeError): HttpAnswer {
  const [status, message] = internal;
  return { status, body: errorBody(status, message, error) };
}

export function errorBody(status: number, message: string, { code, name, what, details }: NodeError): string {
  return JSON.stringify({
    code: status,
    message,
    error: {
      code,
      name,
      what,
      details: details.map((detail) => ({
        message: detail.message,
        file: detail.file,
        line_number: detail.line,
        method: detail.method,
      })),
    },
  });
}

const unknownEndpoint: NodeError = {
  code: 0,
  name: "exception",
  what: "unspecified",
  details: [{ message: "Unknown Endpoint", file: "beast_http_session.hpp", line: 186, method: "handle_request" }],
};

export const unknownEndpointAnswer: HttpAnswer = { status: 404, body: errorBody(404, "Not Found", unknownEndpoint) };

/** Thrown where a request is read or looked up, caught where it is answered. */
export class RequestRefused extends Error {
  readonly answer: HttpAnswer;

  constructor(error: NodeError) {
    super(error.details[0]?.message ?? error.what);
    this.answer = toErrorAnswer(error);
  }
}

export function invalidRequest(details: readonly ErrorDetail[]): RequestRefused {
  return new RequestRefused({
    code: 3_200_006,
    name: "invalid_http_request",
    what: "invalid http request",
    details,
  });
}

/** What nodes make of an error that nobody expected. */
export function toUnexpectedAnswer(error: unknown): HttpAnswer {
  const message = error instanceof Error ? error.message : String(error);
  return toErrorAnswer({
    code: 0,
    name: "exception",
    what: "unspecified",
    details: [{ message, file: "http_plugin.cpp", line: 642, method: "handle_exception" }],
  });
}
