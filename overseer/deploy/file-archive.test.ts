import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { fileArchive } from "./file-archive.ts";

test("tar itself reads files with their owner, rights and contents", () => {
  const contents = ["", "secret", "x".repeat(512), "ü".repeat(1000)];
  const files = contents.map((content, i) => ({ name: `file-${i}`, content, owner: 1000, mode: 0o400 }));
  const archive = fileArchive(files, { name: "home", owner: 1001, mode: 0o700 });
  const listed = execFileSync("tar", ["--list", "--verbose", "--numeric-owner"], { input: archive }).toString();
  expect(listed.split("\n").slice(0, 2)).toEqual([
    expect.stringMatching(/^drwx------ 1001\/1001 .* home\/$/),
    expect.stringMatching(/^-r-------- 1000\/1000\s+0 .* home\/file-0$/),
  ]);
  for (const [i, content] of contents.entries()) {
    const extract = ["--extract", "--to-stdout", `home/file-${i}`];
    expect(execFileSync("tar", extract, { input: archive }).toString()).toBe(content);
  }
});
