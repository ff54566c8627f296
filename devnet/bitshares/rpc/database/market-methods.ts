import type { Method } from "../method.ts";

export const marketMethods: Readonly<Record<string, Method>> = {};
