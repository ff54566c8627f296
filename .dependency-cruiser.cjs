/** The layers of the house: see docs/architecture.md. */
module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    {
      name: "shared-is-a-leaf",
      severity: "error",
      from: { path: "^shared/" },
      to: { path: "^(beacon|overseer|devnet|test|bench)/" },
    },
    {
      name: "beacon-and-overseer-are-strangers",
      severity: "error",
      from: { path: "^beacon/" },
      to: { path: "^(overseer|devnet|test|bench)/" },
    },
    {
      name: "overseer-and-beacon-are-strangers",
      severity: "error",
      from: { path: "^overseer/" },
      to: { path: "^(beacon|devnet|test|bench)/" },
    },
    {
      name: "devnet-stands-alone",
      severity: "error",
      from: { path: "^devnet/" },
      to: { path: "^(beacon|overseer|test|bench)/" },
    },
    {
      name: "chains-only-through-the-port",
      comment: "Outside shared/chains only the registry and the port are known, and the rooms that chains share.",
      severity: "error",
      from: { path: "^(beacon|overseer|shared)/", pathNot: "^shared/chains/|\\.test\\.ts$" },
      to: { path: "^shared/chains/(?!encoding|preparing|signing|testing)[^/]+/" },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: "(\\.test\\.ts|main\\.ts|-worker\\.ts|\\.d\\.ts)$" },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default"],
    },
  },
};
