import type { AntelopeNetwork, AntelopeNode } from "../antelope-network.ts";
import { type HttpAnswer, RequestRefused, toUnexpectedAnswer } from "./error-answer.ts";

export interface Call {
  readonly network: AntelopeNetwork;
  readonly node: AntelopeNode;
}

/** Called at most once; not at all for what is never answered. */
export type Respond = (answer: HttpAnswer) => void;

/** Answers a request, now or later. */
export type Route = (body: string, call: Call, respond: Respond) => void;

/** A call that reads something: JSON text for an answer, or a `RequestRefused`. */
export function reads(read: (body: string, call: Call) => string): Route {
  return (body, call, respond) => {
    let answer: HttpAnswer;
    try {
      answer = { status: 200, body: read(body, call) };
    } catch (error) {
      answer = toAnswer(error);
    }
    respond(answer);
  };
}

export function toAnswer(error: unknown): HttpAnswer {
  return error instanceof RequestRefused ? error.answer : toUnexpectedAnswer(error);
}
