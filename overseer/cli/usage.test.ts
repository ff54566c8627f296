import { expect, test } from "@jest/globals";
import { usageError } from "./usage.ts";

const commands = ["run", "deploy"];

test("the hint names the page of the command that was meant", () => {
  expect(usageError("no", ["--json", "run", "a.yaml"], commands).hint).toBe("see overseer run --help");
  expect(usageError("no", ["deploy", "bogus"], commands).hint).toBe("see overseer deploy --help");
});

test("without a known command it names the page that lists them", () => {
  for (const words of [[], ["rum", "a.yaml"], ["--run"]]) {
    expect(usageError("no", words, commands).hint).toBe("see overseer --help");
  }
});
