import { expect, test } from "@jest/globals";
import { fitArrivals } from "../../traffic/fit-arrivals.ts";
import { arrivalsText } from "./learned-content.ts";

function textOf(blocks: number): string {
  const counts = Array.from({ length: blocks }, () => ({ slots: 1, transactions: 10 }));
  return arrivalsText({ arrivals: fitArrivals(counts) });
}

test("says that a few blocks tell nothing about arrivals, and that what follows is an assumption", () => {
  expect(textOf(16)).toMatch(/too few blocks to tell .*: Poisson is an assumption\.$/);
  expect(textOf(16)).not.toContain("arrivals are");
});

test("names arrivals where there are blocks enough", () => {
  expect(textOf(200)).toMatch(/arrivals are even\.$/);
});
