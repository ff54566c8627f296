/** @jest-config-loader esbuild-register */
import type { Config } from "jest";
import common from "../../jest.config.ts";

const [unit] = common.projects as Config[];

/** Needs a container engine and the images, so it is not part of `npm test`: see run.sh. */
const config: Config = {
  ...unit,
  displayName: "docker",
  rootDir: "../..",
  roots: ["<rootDir>/test/docker"],
  testTimeout: 600_000,
};

export default config;
