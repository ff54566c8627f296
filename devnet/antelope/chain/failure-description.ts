export type FrameValue = string | number | readonly FrameValue[] | { readonly [key: string]: FrameValue };

/** One entry of an error's stack, as the node's `fc::exception` keeps them. */
export interface FailureFrame {
  readonly level: "error" | "warn";
  readonly file: string;
  readonly line: number;
  readonly method: string;
  /** With a dollar and braces around the names of parameters. */
  readonly format: string;
  readonly data: { readonly [key: string]: FrameValue };
  /** The format filled in. */
  readonly message: string;
}

/** An exception as a node tells it. */
export interface FailureDescription {
  readonly code: number;
  readonly name: string;
  readonly what: string;
  readonly frames: readonly FailureFrame[];
}
