import type { HttpAnswer } from "./error-answer.ts";

/** Called at most once; not at all for what is never answered. */
export type Respond = (answer: HttpAnswer) => void;
