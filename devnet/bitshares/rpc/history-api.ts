import type { Api } from "./method.ts";

export const historyApi: Api = new Map();
