import { Refusal } from "../../network/refusal.ts";

/** One entry of an error's stack, as the node's `fc::exception` keeps them. `data` is JSON text. */
export interface FailureFrame {
  readonly level: "error" | "warn";
  readonly file: string;
  readonly line: number;
  readonly method: string;
  readonly thread: string;
  readonly format: string;
  /** The format with its parameters filled in. */
  readonly text: string;
  readonly data: string;
}

/** Why a node refuses something. Outcomes are values here: only defects are thrown. */
export class ChainFailure extends Refusal {
  readonly code: number;
  readonly name: string;
  readonly message: string;
  readonly frames: FailureFrame[];

  constructor(code: number, name: string, message: string, frames: FailureFrame[]) {
    super();
    this.code = code;
    this.name = name;
    this.message = message;
    this.frames = frames;
  }

  /** Adds what a catch-and-rethrow further up the node's call stack adds. */
  capture(file: string, line: number, method: string, data = "{}", thread = mainThread): this {
    this.frames.push({ level: "warn", file, line, method, thread, format: "", text: "", data });
    return this;
  }
}

const mainThread = "th_a";

export interface FailureSource {
  readonly file: string;
  readonly line: number;
  readonly method: string;
  readonly thread?: string;
}

export interface FailureText {
  /** Parameters in plain braces, which the node writes with a dollar in front. */
  readonly format: string;
  /** The format filled in; only where it has parameters. */
  readonly text?: string;
  /** JSON text. */
  readonly data?: string;
}

export function toFrame(source: FailureSource, said: FailureText): FailureFrame {
  return {
    level: "error",
    file: source.file,
    line: source.line,
    method: source.method,
    thread: source.thread ?? mainThread,
    format: said.format.replaceAll(/\{(?=\w)/g, "$${"),
    text: said.text ?? said.format,
    data: said.data ?? "{}",
  };
}

/** What FC_ASSERT throws: most refusals are told apart only by the format. */
export function assertion(source: FailureSource, said: FailureText): ChainFailure {
  return new ChainFailure(10, "assert_exception", "Assert Exception", [toFrame(source, said)]);
}

/** What nodes make of an error that nobody expected. */
export function unexpected(error: unknown): ChainFailure {
  const text = error instanceof Error ? error.message : String(error);
  return new ChainFailure(13, "std_exception", "unspecified", [
    toFrame(
      { file: "api_connection.hpp", line: 250, method: "receive_call" },
      { format: "{what}", text, data: JSON.stringify({ what: text }) },
    ),
  ]);
}

export function parseFailure(source: FailureSource, said: FailureText): ChainFailure {
  return new ChainFailure(4, "parse_error_exception", "Parse Error", [toFrame(source, said)]);
}

/** The sentence in front of everything: the exception's own words, then the formatted entries. */
export function toSummary(failure: ChainFailure): string {
  return `Execution error: ${toReason(failure)}`;
}

/** What the exception says of itself. */
export function toReason(failure: ChainFailure): string {
  const said = failure.frames.map((frame) => frame.text).filter((text) => text !== "");
  return `${failure.message}: ${said.join(" ")}`;
}
