import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { fileArchive } from "./file-archive.ts";

test("tar itself reads the file with its owner, rights and contents", () => {
  for (const content of ["", "secret", "x".repeat(512), "ü".repeat(1000)]) {
    const archive = fileArchive({ name: "token", content, owner: 1000, mode: 0o400 });
    const listed = execFileSync("tar", ["--list", "--verbose", "--numeric-owner"], { input: archive }).toString();
    expect(listed).toMatch(/^-r-------- 1000\/1000\s+\d+ .* token\n$/);
    expect(execFileSync("tar", ["--extract", "--to-stdout"], { input: archive }).toString()).toBe(content);
  }
});
