import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Browser, chromium, type Page } from "playwright-core";
import { makeReport } from "../overseer/reporting/make-report.ts";
import { makeSyntheticRun, writeSyntheticRun } from "../overseer/reporting/testing/synthetic-run.ts";
import { temporaryFolder } from "./support/programs.ts";

/** A browser of the system: .ci/run installs one. Without any, these tests say that they were left out. */
const executable = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
].find((path) => path !== undefined && existsSync(path));
const inBrowser = executable === undefined ? describe.skip : describe;

inBrowser("the report in a browser", () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let browser: Browser;

  beforeAll(async () => {
    folder = await temporaryFolder();
    browser = await chromium.launch({
      executablePath: executable as string,
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync", "--no-first-run"],
    });
    const run = makeSyntheticRun({
      nodeText: '<img src=x onerror="window.hacked = true"><script>window.hacked = true</script>',
      beaconLostAt: 40,
      orphanAt: 20,
    });
    await writeSyntheticRun(join(folder.path, "run"), run);
    await makeReport(join(folder.path, "run"));
  }, 60_000);

  afterAll(async () => {
    await browser.close();
    await folder.remove();
  });

  async function open(width: number, colorScheme: "light" | "dark"): Promise<{ page: Page; troubles: string[] }> {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const troubles: string[] = [];
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") troubles.push(message.text());
    });
    page.on("request", (request) => {
      if (!/^(file|data|blob):/.test(request.url())) troubles.push(`asked for ${request.url()}`);
    });
    await page.goto(`file://${join(folder.path, "run", "report.html")}`);
    return { page, troubles };
  }

  test.each([
    [1280, "light"],
    [1280, "dark"],
    [360, "light"],
    [360, "dark"],
  ] as const)("at %i px in %s needs nothing from outside and does not overflow", async (width, scheme) => {
    const { page, troubles } = await open(width, scheme);
    const overflow = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
    expect(overflow).toBeLessThanOrEqual(0);
    expect(await page.locator("svg, canvas").count()).toBeGreaterThan(3);
    expect(troubles).toEqual([]);
    await page.close();
  });

  test("what nodes say is text and nothing else", async () => {
    const { page } = await open(1280, "light");
    expect(await page.evaluate("window.hacked === undefined")).toBe(true);
    expect(await page.getByText("onerror").count()).toBeGreaterThan(0);
    await page.close();
  });

  test.each(["light", "dark"] as const)("text stands out from its background in %s", async (scheme) => {
    const { page } = await open(1280, scheme);
    const worst = await page.evaluate(lowestContrast);
    // WCAG AA for normal text.
    expect(worst).toMatchObject({ ratio: expect.any(Number) });
    expect({ ...worst, enough: worst.ratio >= 4.5 }).toMatchObject({ enough: true });
    await page.close();
  });
});

/** Runs in the page: the lowest contrast of any visible text on a plain background, and where it is. */
const lowestContrast = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => {
    const f = [r, g, b].map((v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2];
  };
  const backgroundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  let worst = { ratio: 21, text: "" };
  for (const element of document.querySelectorAll("p, td, th, h1, h2, h3, li, summary, a, code, span")) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data.trim()).join("");
    if (text === "" || element.closest("svg") || element.getClientRects().length === 0) continue;
    const color = parse(getComputedStyle(element).color);
    if (color.length === 4 && color[3] < 1) continue;
    const a = light(color), b = light(backgroundOf(element));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst.ratio) worst = { ratio, text: text.slice(0, 60) };
  }
  return worst;
})()` as unknown as () => { ratio: number; text: string };
