import { expect, test } from "@jest/globals";
import stringWidth from "string-width";
import { AppError } from "../../shared/errors/app-error.ts";
import { createFakeIo } from "./fake-io.ts";
import { renderError } from "./render-error.ts";

const words =
  "a sentence that goes on and on until no terminal of eighty columns could ever hold all of it in one line";
const error = new AppError("USAGE", words, { hint: words });

test("sentences are broken between words on a terminal, and stay whole where they are kept", () => {
  const lines = renderError(error, createFakeIo({ interactive: true, columns: 60, color: true })).split("\n");
  expect(Math.max(...lines.map((line) => stringWidth(line)))).toBeLessThanOrEqual(60);
  expect(renderError(error, createFakeIo({ columns: 60 }))).toBe(`error: ${words}\nhint: ${words}\n`);
});
