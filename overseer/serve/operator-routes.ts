import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { z } from "zod";
import { AppError, type ErrorCode, isAppError, toErrorData } from "../../shared/errors/app-error.ts";
import { release } from "../../shared/release.ts";
import type { BeaconGateway } from "../server/beacon-gateway.ts";
import type { BeaconSession } from "../server/beacon-session.ts";
import { addressText } from "../server/door.ts";
import type { OperatorAccess } from "./operator-access.ts";
import {
  type BeaconView,
  mostScenarioBytes,
  type OperatorRole,
  operatorProtocolVersion,
  type StatusView,
  stopSchema,
  submissionSchema,
} from "./operator-protocol.ts";
import { findReportFile } from "./report-files.ts";
import type { RunDesk } from "./run-desk.ts";

export interface OperatorRoutesDependencies {
  readonly gateway: BeaconGateway;
  readonly access: OperatorAccess;
  readonly desk: RunDesk;
  /** A failed attempt, for the overseer's own log. */
  onRefusal(address: string, cause: string): void;
}

interface OfRun {
  readonly Params: { readonly id: string };
}
interface OfFile {
  readonly Params: { readonly id: string; readonly "*": string };
}

/** For answers that are no page: nothing in them may do anything in a browser, and nothing keeps them. */
const answerHeaders = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const statusOfCode: Partial<Record<ErrorCode, number>> = {
  ACCESS_DENIED: 403,
  OVERSEER_BUSY: 409,
  SCENARIO_INVALID: 422,
  SCENARIO_UNREADABLE: 422,
  CONFIGURATION_INVALID: 422,
  USAGE: 400,
};

/** What operators ask and tell over HTTP, under `/api`, with their token as bearer. */
export function serveOperatorRoutes(app: FastifyInstance, dependencies: OperatorRoutesDependencies): void {
  app.register(
    (api, _, done) => {
      api.addHook("onRequest", (_request, reply, next) => {
        reply.headers(answerHeaders);
        next();
      });
      api.setErrorHandler((error, _request, reply) => sendError(reply, error));
      api.setNotFoundHandler((_request, reply) => reply.code(404).send(failure("there is no such thing here")));
      addRoutes(api, dependencies);
      done();
    },
    { prefix: "/api" },
  );
}

function addRoutes(api: FastifyInstance, dependencies: OperatorRoutesDependencies): void {
  const { gateway, desk } = dependencies;
  const viewer = { onRequest: permit("viewer", dependencies) };
  const operator = { onRequest: permit("operator", dependencies), bodyLimit: mostScenarioBytes };
  api.get("/status", viewer, (request): StatusView => {
    const beacons = beaconsOf(gateway).filter(({ connected }) => connected).length;
    const role = (request as { role?: OperatorRole }).role ?? "viewer";
    return { protocolVersion: operatorProtocolVersion, release, role, beacons, run: desk.currentId };
  });
  api.get("/beacons", viewer, () => beaconsOf(gateway));
  api.get("/runs", viewer, () => desk.list());
  api.get<OfRun>("/runs/:id", viewer, async (request) => runOf(desk, request.params.id));
  api.post("/runs", operator, async (request, reply) => {
    const submission = parsed(submissionSchema, request.body);
    return reply.code(201).send(desk.submit(submission));
  });
  api.post<OfRun>("/runs/:id/stop", operator, (request) =>
    desk.stop(request.params.id, parsed(stopSchema, request.body).force),
  );
  api.get<OfFile>("/runs/:id/files/*", viewer, async (request, reply) => {
    const run = await runOf(desk, request.params.id);
    const file = await findReportFile(desk.folderOf(run), request.params["*"]);
    if (file === null) return reply.code(404).send(failure("the run's report has no such file"));
    if (file.policy !== null) reply.header("content-security-policy", file.policy);
    return reply.header("content-length", file.bytes).type(file.contentType).send(file.open());
  });
}

function permit(needed: OperatorRole, { access, onRefusal }: OperatorRoutesDependencies) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const address = addressText(request.ip);
    const [, shown] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    const role = access.roleOf(address, shown);
    if (typeof role !== "string") {
      if (role.isNews) onRefusal(address, role.error.message);
      if (role.retryAfterMs > 0) reply.header("retry-after", Math.ceil(role.retryAfterMs / 1000));
      return reply.code(role.status).send({ error: toErrorData(role.error) });
    }
    if (needed === "operator" && role !== "operator") {
      onRefusal(address, `a viewer asked for ${request.method} ${request.routeOptions.url}`);
      throw new AppError("ACCESS_DENIED", "a viewer's token lets nobody start or stop a run");
    }
    Object.assign(request, { role });
    return undefined;
  };
}

async function runOf(desk: RunDesk, id: string): Promise<NonNullable<Awaited<ReturnType<RunDesk["find"]>>>> {
  const run = await desk.find(id);
  if (run !== null) return run;
  throw Object.assign(new AppError("USAGE", `there is no run ${id.slice(0, 100)}`), { statusCode: 404 });
}

function parsed<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const { data, error } = schema.safeParse(body);
  if (data !== undefined && error === undefined) return data;
  const problems = (error?.issues ?? []).map(({ path, message }) => ({ path: path.join("."), expected: message }));
  throw new AppError("USAGE", "the request is not well formed", { problems });
}

function sendError(reply: FastifyReply, error: unknown): FastifyReply {
  const given = (error as { statusCode?: unknown }).statusCode;
  if (isAppError(error)) {
    const status = typeof given === "number" ? given : (statusOfCode[error.code] ?? 500);
    return reply.code(status).send({ error: toErrorData(error) });
  }
  // Fastify's own refusals, such as of a body that is no JSON, have a status below 500.
  if (typeof given === "number" && given < 500)
    return reply.code(given).send(failure(String((error as Error).message)));
  return reply.code(500).send({ error: { code: "INTERNAL", message: "a defect of the overseer", problems: [] } });
}

function failure(message: string): { readonly error: ReturnType<typeof toErrorData> } {
  return { error: { code: "USAGE", message, problems: [] } };
}

function beaconsOf(gateway: BeaconGateway): BeaconView[] {
  return [...gateway.sessions.values()].map(beaconView).sort((a, b) => a.name.localeCompare(b.name));
}

function beaconView({ name, hello, status, connected }: BeaconSession): BeaconView {
  const { hostname, cpus, memoryBytes, version } = hello.host;
  const { state = "idle", runId = null } = status ?? {};
  return { name, labels: hello.labels, hostname, cpus, memoryBytes, release: version, state, runId, connected };
}
