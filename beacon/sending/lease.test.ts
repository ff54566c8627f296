import { expect, test } from "@jest/globals";
import { createSharedLease, Lease } from "./lease.ts";

test("a lease is over until it is granted, and never made shorter or longer than was said", () => {
  const shared = createSharedLease(5_000_000);
  const [writer, reader] = [new Lease(shared), new Lease(shared)];
  expect(reader.untilMicros).toBe(5_000_000);
  writer.renewUntil(7_000_999);
  expect(reader.untilMicros).toBe(7_000_000);
  writer.renewUntil(6_000_000);
  expect(reader.untilMicros).toBe(7_000_000);
});

test("both ends know when it has run out", () => {
  const shared = createSharedLease(0);
  new Lease(shared).expire();
  expect(new Lease(shared).isExpired).toBe(true);
});
