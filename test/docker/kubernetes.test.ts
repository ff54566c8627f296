import { execFile } from "node:child_process";
import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { parseAllDocuments } from "yaml";
import { loadScenario } from "../../shared/scenario/load-scenario.ts";
import { readJson, temporaryFolder } from "../support/programs.ts";

const execute = promisify(execFile);
const root = new URL("../../", import.meta.url).pathname;
const base = `${root}docker/kubernetes/base`;
/** Of the API, that the manifests are held against. */
const version = "1.32";

interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext?: Readonly<Record<string, unknown>>;
  readonly containers: readonly {
    readonly image: string;
    readonly securityContext?: unknown;
    readonly resources?: { readonly requests?: object; readonly limits?: object };
  }[];
}

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly template?: { readonly spec: PodSpec } };
}

async function manifests(): Promise<Manifest[]> {
  const names = (await readdir(base)).filter((name) => !["kustomization.yaml", "scenario.yaml"].includes(name));
  const texts = await Promise.all(names.map((name) => readFile(join(base, name), "utf8")));
  return texts.flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Manifest));
}

describe("docker/kubernetes", () => {
  test("runs everything as the images are: without root, rights, or a root file system that can be written", async () => {
    const pods = (await manifests()).flatMap(({ spec }) => spec?.template?.spec ?? []);
    expect(pods).toHaveLength(3);
    for (const pod of pods) {
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 });
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        });
        expect(resources?.requests).toMatchObject({ cpu: expect.anything(), memory: expect.anything() });
        expect(resources?.limits).toMatchObject({ memory: expect.anything() });
      }
    }
  });

  test("names the images of this version, and a scenario without mistakes", async () => {
    const manifest = await readJson<{ version: string }>(`${root}package.json`);
    const text = await readFile(join(base, "kustomization.yaml"), "utf8");
    const tags = [...text.matchAll(/newTag: (.*) \}/g)].map(([, tag]) => tag);
    expect(tags).toEqual([manifest.version, manifest.version, manifest.version]);
    await expect(loadScenario(join(base, "scenario.yaml"))).resolves.toBeDefined();
  });
});

const kubectl = await isThere("kubectl", "version", "--client");
const validator = await isThere("kubernetes-validate", "--help");

(kubectl ? describe : describe.skip)("what kubectl makes of it", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let text: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await cp(`${root}docker/kubernetes`, folder.path, { recursive: true });
    for (const name of ["token", "keys", "tls.crt", "tls.key", "ca.crt"]) await writeFile(join(folder.path, name), "x");
    text = (await execute("kubectl", ["kustomize", folder.path])).stdout;
  });

  afterAll(() => folder.remove());

  test("has each secret in the manifests that use it, by the name that kubectl gives it", () => {
    for (const name of ["token", "keys", "tls"]) {
      const made = new RegExp(`name: (${name}-[a-z0-9]{10})\\b`).exec(text)?.[1] ?? "none";
      expect(text.split(made).length).toBeGreaterThan(2);
    }
  });

  test("serves figures only where the component for it is named, and then to the namespace of Prometheus alone", async () => {
    expect(text).not.toContain("--metrics");
    const file = join(folder.path, "kustomization.yaml");
    const plain = await readFile(file, "utf8");
    await writeFile(file, `${plain}components: [monitoring]\n`);
    const monitored = (await execute("kubectl", ["kustomize", folder.path])).stdout;
    await writeFile(file, plain);
    const documents = parseAllDocuments(monitored).map((document) => document.toJS() as Manifest);
    const containers = documents.flatMap(({ spec }) => spec?.template?.spec?.containers ?? []);
    for (const [image, port] of [
      ["loadstone-beacon", 9464],
      ["loadstone-overseer", 9465],
    ] as const) {
      expect(containers.find((one) => one.image.startsWith(image))).toMatchObject({
        args: expect.arrayContaining([`--metrics=0.0.0.0:${port}`, "--metrics-without-token"]),
        ports: expect.arrayContaining([{ name: "metrics", containerPort: port }]),
      });
    }
    expect(
      documents.find(({ kind, metadata }) => kind === "NetworkPolicy" && metadata.name === "metrics"),
    ).toMatchObject({
      spec: {
        ingress: [{ from: [{ namespaceSelector: expect.anything() }], ports: [{ port: 9464 }, { port: 9465 }] }],
      },
    });
    if (!validator) return;
    const out = join(folder.path, "monitored.yaml");
    await writeFile(out, monitored);
    await expect(execute("kubernetes-validate", ["--strict", "-k", version, out])).resolves.toBeDefined();
  });

  (validator ? test : test.skip)(
    `is what the API of Kubernetes ${version} takes, without an unknown field`,
    async () => {
      const file = join(folder.path, "out.yaml");
      await writeFile(file, text);
      await expect(execute("kubernetes-validate", ["--strict", "-k", version, file])).resolves.toBeDefined();
    },
  );
});

async function isThere(program: string, ...args: readonly string[]): Promise<boolean> {
  const there = await execute(program, [...args]).then(
    () => true,
    () => false,
  );
  if (!there) process.stderr.write(`There is no ${program} here: what it checks is left out.\n`);
  return there;
}
