import { readFileSync } from "node:fs";

/** Version of this program. From sources the package's file is one folder up, from `dist/` two. */
export const release = ((): string => {
  const packageFile = new URL(
    import.meta.url.endsWith(".ts") ? "../package.json" : "../../package.json",
    import.meta.url,
  );
  return (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version;
})();
