import { expect, test } from "@jest/globals";
import { createFakeIo } from "../fake-io.ts";
import { logs, scale } from "./deploy-handler.ts";

const common = { engine: "tcp://127.0.0.1:9", certificates: undefined, _: [], $0: "overseer" };

test.each([Number.NaN, -1, 0, 1.5])("%s lines of logs are refused before any engine is asked", async (tail) => {
  const context = { io: createFakeIo(), signal: new AbortController().signal };
  await expect(logs({ ...common, name: "lab", tail }, context)).rejects.toMatchObject({ code: "USAGE" });
});

test.each([Number.NaN, 0, 1001])("%s beacons are refused before any engine is asked", async (count) => {
  const context = { io: createFakeIo(), signal: new AbortController().signal };
  await expect(scale({ ...common, file: "lab.yaml", count }, context)).rejects.toMatchObject({ code: "USAGE" });
});
