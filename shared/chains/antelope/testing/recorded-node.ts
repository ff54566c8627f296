import { recordedExchanges } from "./recorded-exchanges.ts";
import { type ScriptedAnswer, ScriptedNode, type ScriptedRequest } from "./scripted-node.ts";

type Fields = Record<string, unknown>;

export interface RecordedNodeOptions {
  /** Put in the place of fields of get_info's recorded answer, whose head is of now. */
  readonly info?: Fields;
  /** Calls that the node has not. */
  readonly lacks?: readonly string[];
  /** Asked first; null: as recorded. */
  readonly answerTo?: (request: ScriptedRequest) => ScriptedAnswer | null;
}

const unknownPath: ScriptedAnswer = {
  status: 404,
  body: '{"code":404,"message":"Not Found","error":{"code":0,"name":"exception","what":"unspecified","details":[]}}',
};
const badRequest: ScriptedAnswer = {
  status: 400,
  body: '{"code":400,"message":"Invalid Request","error":{"code":3200006,"name":"invalid_http_request","what":"invalid http request","details":[]}}',
};

export function recorded(name: string): Fields {
  const exchange = recordedExchanges("chain").find((one) => one.name === name);
  return JSON.parse(exchange?.receive ?? "{}") as Fields;
}

export function answer(body: unknown, status = 200): ScriptedAnswer {
  return { status, body: JSON.stringify(body) };
}

export function chainTime(millis: number): string {
  return new Date(millis).toISOString().replace("Z", "");
}

/** Answers calls about the chain as the recorded node did; alice has the published development key there. */
export function startRecordedNode(options: RecordedNodeOptions = {}): Promise<ScriptedNode> {
  const byCall = new Map(recordedExchanges("chain").map((one) => [`${one.path} ${one.send}`, one]));
  return ScriptedNode.listen((request) => {
    const { call, path, body } = request;
    const special = options.answerTo?.(request) ?? null;
    if (special !== null) return special;
    if (options.lacks?.includes(call)) return unknownPath;
    if (call === "get_info") {
      return answer({ ...recorded("info"), head_block_time: chainTime(Date.now()), ...options.info });
    }
    const exchange = byCall.get(`${path} ${body}`);
    if (exchange !== undefined) return { status: exchange.status, body: exchange.receive };
    return call.startsWith("get_table") ? answer({ rows: [] }) : badRequest;
  });
}
