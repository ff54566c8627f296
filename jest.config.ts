/** @jest-config-loader esbuild-register */
import type { Config } from "jest";

const common: Config = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2023" },
        module: { type: "es6" },
        sourceMaps: "inline",
      },
    ],
  },
  modulePathIgnorePatterns: ["<rootDir>/dist", "<rootDir>/reports"],
};

const config: Config = {
  testTimeout: 30_000,
  // Cross-process tests start real beacons and devnets: on a small machine more workers would only disturb their pacing.
  maxWorkers: 2,
  projects: [
    {
      ...common,
      displayName: "unit",
      roots: ["<rootDir>/beacon", "<rootDir>/overseer", "<rootDir>/shared", "<rootDir>/devnet"],
      testMatch: ["**/*.test.ts"],
    },
    {
      ...common,
      displayName: "integration",
      roots: ["<rootDir>/test"],
      testMatch: ["**/*.test.ts"],
      // Those need a container engine: npm run test:docker.
      testPathIgnorePatterns: ["<rootDir>/test/docker/"],
    },
  ],
};

export default config;
