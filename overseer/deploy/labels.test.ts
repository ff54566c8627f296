import { spawn } from "node:child_process";
import { once } from "node:events";
import { hostname } from "node:os";
import { expect, test } from "@jest/globals";
import { labelNames, labelsOf, ownerLives } from "./labels.ts";

const own = labelsOf("lab", "beacon")[labelNames.owner] as string;

test("this process is known to live", () => {
  expect(ownerLives(own)).toBe(true);
});

test("another process with the same number is not the owner", () => {
  expect(ownerLives(own.replace(/\d+$/, "1"))).toBe(false);
});

test("a process that has ended does not live", async () => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  const { pid } = child;
  await once(child, "close");
  expect(ownerLives(`${hostname()}/${pid}/1`)).toBe(false);
});

test("processes of other machines cannot be judged", () => {
  expect(ownerLives("elsewhere/1/1")).toBeNull();
});
