import { marketNetwork } from "./market-network.ts";
import { VirtualNetwork } from "./virtual-network.ts";

/** What every trader of `marketNetwork` starts with, of each asset. */
const startBalance = 1e12;

/** One node in virtual time, and short ways to send to it and to look at what came of it. */
export function openMarket(change: Parameters<typeof marketNetwork>[0] = {}) {
  const virtual = new VirtualNetwork(marketNetwork(change));
  const { state } = virtual.chain(0);
  const failureOf = (...operations: (readonly [number, object])[]) => {
    const [answer] = virtual.send(0, operations);
    if (answer === undefined) throw new Error("the node has not answered");
    return answer.verdict.failure;
  };
  return {
    virtual,
    state,
    /** Sends one transaction, which the node must take. */
    accept: (...operations: (readonly [number, object])[]): void => {
      const failure = failureOf(...operations);
      if (failure !== null) throw new Error(`refused: ${JSON.stringify(failure)}`);
    },
    /** The code and first format of the refusal. */
    refuse: (...operations: (readonly [number, object])[]) => {
      const failure = failureOf(...operations);
      if (failure === null) throw new Error("was not refused");
      return { code: failure.code, said: failure.frames[0]?.format ?? "" };
    },
    gained: (account: number, asset: number): number => state.balance(account, asset) - startBalance,
  };
}

/** The earliest instant of `seconds` from now, as the chain writes it. */
export function inSeconds({ virtual }: Pick<ReturnType<typeof openMarket>, "virtual">, seconds: number): string {
  return new Date((virtual.chain(0).headSeconds + seconds) * 1000).toISOString().slice(0, 19);
}
