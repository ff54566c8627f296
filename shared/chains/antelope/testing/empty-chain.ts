import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Serialize } from "eosjs";
import { type Abi, decodeAbi, encodeAbi } from "../abi.ts";

const noCode = "0".repeat(64);

interface SeenAction {
  readonly account: string;
  readonly name: string;
  readonly actor: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * As much of a node of an empty Antelope chain as setting it up shows: what is activated, set, created and issued. Actions are
 * read with the interface of the contract that is set at that moment, and are refused where there is none, as they would
 * be by a node.
 */
export class EmptyChain {
  readonly actions: SeenAction[] = [];
  readonly features = new Set<string>();
  readonly accounts = new Set(["eosio"]);
  readonly tokens = new Map<string, string>();
  readonly #maximums = new Map<string, string>();
  producers: readonly string[] = ["eosio"];
  #isStarted = false;
  readonly #code = new Map<string, string>();
  readonly #abis = new Map<string, Abi>();
  readonly #native: Abi;
  readonly #chainId: string;
  readonly #key: string;
  readonly #server: Server;
  #head = 10;

  /** `native`: the interface of what every node knows by itself; `key`: what all accounts are signed for with. */
  constructor(chainId: string, native: Abi, key: string) {
    this.#chainId = chainId;
    this.#key = key;
    this.#native = native;
    this.#server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => {
        const { status, answer } = this.#answer(request.url ?? "", Buffer.concat(parts).toString("utf8"));
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(url: string, text: string): { readonly status: number; readonly answer: unknown } {
    const argument = (text === "" ? {} : JSON.parse(text)) as Record<string, never>;
    try {
      return { status: 200, answer: this.#call(url, argument) };
    } catch (error) {
      const details = [{ message: (error as Error).message }];
      return { status: 500, answer: { code: 500, message: "", error: { code: 3_050_003, what: "", details } } };
    }
  }

  #call(url: string, argument: Record<string, never>): unknown {
    switch (url.replace("/v1/chain/", "")) {
      case "get_info":
        return this.#info();
      case "get_activated_protocol_features":
        return { activated_protocol_features: [...this.features].map((feature_digest) => ({ feature_digest })) };
      case "/v1/producer/schedule_protocol_feature_activations":
        for (const digest of argument.protocol_features_to_activate as unknown as string[]) this.features.add(digest);
        return { result: "ok" };
      case "get_code_hash":
        return { code_hash: this.#code.get(argument.account_name as unknown as string) ?? noCode };
      case "get_account":
        return this.#account(argument.account_name as unknown as string);
      case "get_currency_stats": {
        const symbol = argument.symbol as unknown as string;
        const [supply, max_supply] = [this.tokens.get(symbol), this.#maximums.get(symbol)];
        return supply === undefined ? {} : { [symbol]: { supply, max_supply, issuer: "eosio" } };
      }
      case "get_currency_balance": {
        const issued = this.tokens.get(argument.symbol as unknown as string);
        return (argument.account as unknown as string) === "eosio" && issued !== undefined ? [issued] : [];
      }
      case "get_raw_abi": {
        const abi = this.#abis.get(argument.account_name as unknown as string);
        return { abi: abi === undefined ? "" : Buffer.from(encodeAbi(abi)).toString("base64") };
      }
      case "get_producer_schedule":
        return { active: { producers: this.producers.map((producer_name) => ({ producer_name })) } };
      case "get_table_rows":
        return {
          rows: this.#isStarted
            ? [{ base: { balance: "68719476736 RAM" }, quote: { balance: "1000000.0000 EOS" } }]
            : [],
        };
      case "send_transaction":
        this.#apply(Buffer.from(argument.packed_trx as unknown as string, "hex"));
        return { transaction_id: "00" };
      default:
        throw new Error(`no such call: ${url}`);
    }
  }

  #info(): unknown {
    this.#head += 1;
    const id = (number: number): string => number.toString(16).padStart(8, "0").padEnd(64, "ab");
    return {
      chain_id: this.#chainId,
      head_block_num: this.#head,
      head_block_id: id(this.#head),
      head_block_time: new Date().toISOString().slice(0, 23),
      last_irreversible_block_num: this.#head - 2,
      last_irreversible_block_id: id(this.#head - 2),
    };
  }

  #account(name: string): unknown {
    if (!this.accounts.has(name)) throw new Error(`unknown key: ${name}`);
    const limit = { available: -1, max: -1 };
    const required_auth = { threshold: 1, keys: [{ key: this.#key, weight: 1 }] };
    const permissions = [{ perm_name: "active", parent: "owner", required_auth }];
    return { account_name: name, permissions, ram_quota: -1, ram_usage: 0, cpu_limit: limit, net_limit: limit };
  }

  #apply(packed: Buffer): void {
    const buffer = new Serialize.SerialBuffer({ array: packed });
    buffer.getUint32();
    buffer.getUint16();
    buffer.getUint32();
    buffer.getVaruint32();
    buffer.get();
    buffer.getVaruint32();
    buffer.getVaruint32();
    const count = buffer.getVaruint32();
    for (let i = 0; i < count; i++) {
      const account = buffer.getName();
      const name = buffer.getName();
      buffer.getVaruint32();
      const actor = buffer.getName();
      buffer.getName();
      this.#act(account, name, actor, buffer.getBytes());
    }
  }

  #act(account: string, name: string, actor: string, data: Uint8Array): void {
    const abi = this.#abis.get(account) ?? (account === "eosio" ? this.#native : null);
    const type = abi?.actions.find((action) => action.name === name)?.type;
    if (abi === null || abi === undefined || type === undefined) throw new Error(`${account} has no action ${name}`);
    const types = Serialize.getTypesFromAbi(Serialize.createInitialTypes(), abi);
    const reader = new Serialize.SerialBuffer({ array: data });
    const fields = Serialize.getType(types, type).deserialize(reader) as Record<string, unknown>;
    if (reader.haveReadData()) throw new Error(`${account}::${name} has more data than fields`);
    this.actions.push({ account, name, actor, fields });
    this.#effect(account, name, fields);
  }

  #effect(account: string, name: string, fields: Readonly<Record<string, unknown>>): void {
    const of = String(fields.account);
    if (name === "setcode") {
      this.#code.set(
        of,
        createHash("sha256")
          .update(Buffer.from(String(fields.code), "hex"))
          .digest("hex"),
      );
    }
    if (name === "setabi") this.#abis.set(of, decodeAbi(Buffer.from(String(fields.abi), "hex")));
    if (name === "activate") this.features.add(String(fields.feature_digest).toLowerCase());
    if (name === "newaccount") this.accounts.add(String(fields.name));
    if (account === "eosio.token" && name === "create") {
      this.#maximums.set(String(fields.maximum_supply).split(" ")[1] ?? "", String(fields.maximum_supply));
    }
    if (account === "eosio.token" && name === "issue") {
      this.tokens.set(String(fields.quantity).split(" ")[1] ?? "", String(fields.quantity));
    }
    if (name === "setprods") {
      this.producers = (fields.schedule as { producer_name: string }[]).map(({ producer_name }) => producer_name);
    }
    if (name === "init") this.#isStarted = true;
  }
}
