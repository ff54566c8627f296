import { assertion, ChainFailure, parseFailure, unexpected } from "../chain/failure.ts";
import { isObject, type Json, type JsonObject, toTimeText } from "../codec/json.ts";
import { Unreadable } from "../codec/read-value.ts";
import { failureJson, isRequestId, protocolErrorJson, type RequestTag, toError, toResult } from "./answer.ts";
import { readText } from "./arguments.ts";
import { databaseApi } from "./database-api.ts";
import { loginApi } from "./login-api.ts";
import type { Answer, Api, Call } from "./method.ts";

const noVersion: RequestTag = { id: null, hasVersion: true };

/** Answers one message; `reply` is not called for a notification, nor for what is never answered. */
export function dispatch(text: string, call: Call, reply: (answer: string) => void): void {
  let message: Json;
  try {
    message = JSON.parse(text) as Json;
  } catch {
    reply(toError(noVersion, protocolErrorJson(-32700, "Invalid JSON message", invalidJson(text), nowText())));
    return;
  }
  if (Array.isArray(message)) {
    reply(toError(noVersion, protocolErrorJson(-32600, "Batch requests not supported", null, nowText())));
    return;
  }
  if (!isObject(message)) {
    reply(toError(noVersion, protocolErrorJson(-32600, "Invalid JSON request", null, nowText())));
    return;
  }
  answerRequest(message, call, reply);
}

function answerRequest(message: JsonObject, call: Call, reply: (answer: string) => void): void {
  const hasVersion = message.jsonrpc !== undefined;
  const isNotification = !isRequestId(message.id);
  const tag: RequestTag = { id: isRequestId(message.id) ? message.id : null, hasVersion };
  const respond = (outcome: string | ChainFailure): void => {
    if (isNotification) return;
    if (typeof outcome === "string") reply(toResult(tag, outcome));
    else reply(toError(tag, outcomeJson(outcome)));
  };
  const answer = run(message, call);
  if (answer instanceof Promise) answer.then(respond, (error: unknown) => respond(toFailure(error)));
  else respond(answer);
}

function outcomeJson(failure: ChainFailure): string {
  return failure.code === methodNotFoundCode
    ? protocolErrorJson(-32601, "Method not found", failure, nowText())
    : failureJson(failure, nowText());
}

function run(message: JsonObject, call: Call): Answer {
  try {
    const params = Array.isArray(message.params) ? (message.params as readonly Json[]) : [];
    if (message.method !== "call") return runMethod(databaseApi, readText(message.method), params, call);
    return runCall(params, call);
  } catch (error) {
    return toFailure(error);
  }
}

function toFailure(error: unknown): ChainFailure {
  return error instanceof Unreadable ? error.failure : unexpected(error);
}

function runCall(params: readonly Json[], call: Call): Answer {
  if (params.length < 2 || params.length > 3) {
    return assertion(
      { file: "websocket_api.cpp", line: 44, method: "operator()" },
      { format: "args.size() == 3 && args[2].is_array(): " },
    );
  }
  const [apiName, method, args] = params;
  const api = findApi(apiName!, call);
  if (api instanceof ChainFailure) return api;
  return runMethod(api, readText(method), Array.isArray(args) ? (args as readonly Json[]) : [], call);
}

function findApi(name: Json, call: Call): Api | ChainFailure {
  if (typeof name === "number" || (typeof name === "string" && /^\d+$/.test(name))) {
    const api = call.session.api(Number(name));
    return (
      api ??
      assertion(
        { file: "api_connection.hpp", line: 262, method: "receive_call" },
        { format: "_local_apis.size() > api_id: " },
      )
    );
  }
  // A name stands for what the login api would hand out under it.
  const given = runMethod(loginApi, readText(name), [], call);
  if (given instanceof ChainFailure) return given;
  const api = typeof given === "string" && /^\d+$/.test(given) ? call.session.api(Number(given)) : undefined;
  return (
    api ?? assertion({ file: "websocket_api.cpp", line: 60, method: "operator()" }, { format: "api != nullptr: " })
  );
}

function runMethod(api: Api, name: string, args: readonly Json[], call: Call): Answer {
  const method = api.get(name);
  if (method === undefined) return methodNotFound(name, api);
  if (args.length < method.required) {
    return assertion(
      { file: "api_connection.hpp", line: 192, method: "call_generic" },
      { format: "a0 != e || optional_args: too few arguments passed to method" },
    );
  }
  return method.run(args, call);
}

const methodNotFoundCode = 22;

function methodNotFound(name: string, api: Api): ChainFailure {
  const positions = [...api.keys()].map((method, index) => [method, index] as const);
  positions.sort(([a], [b]) => (a < b ? -1 : 1));
  const failure = parseFailure(
    { file: "api_connection.hpp", line: 121, method: "call" },
    { format: "No method with name '{name}'", data: JSON.stringify({ name, api: positions }) },
  );
  return Object.assign(failure, {
    code: methodNotFoundCode,
    name: "method_not_found_exception",
    message: "Method Not Found",
  });
}

function invalidJson(text: string): ChainFailure {
  const isCut = /^\s*[[{]/.test(text);
  const failure = isCut
    ? parseFailure(
        { file: "json.cpp", line: 219, method: "objectFromStreamBase" },
        {
          format: "Unexpected EOF: {e}",
          data: JSON.stringify({
            e: '11 eof_exception: End Of File\nstringstream\n    {}\n    th_a  sstream.cpp:66 readsome\nAttempting to parse array []\n    {"array":[]}\n    th_a  json.cpp:260 arrayFromStreamBase',
          }),
        },
      )
    : parseFailure({ file: "json.cpp", line: 420, method: "variant_from_stream" }, { format: "Unexpected char" });
  return failure.capture("json.cpp", 463, "from_string", JSON.stringify({ str: text }));
}

function nowText(): string {
  return toTimeText(Math.floor(Date.now() / 1000));
}
