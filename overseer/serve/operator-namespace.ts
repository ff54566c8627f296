import type { Server, Socket } from "socket.io";
import { AppError, toErrorData } from "../../shared/errors/app-error.ts";
import { addressText } from "../server/door.ts";
import type { OperatorAccess } from "./operator-access.ts";
import type { OperatorToServer, ServerToOperator } from "./operator-protocol.ts";
import type { RunDesk } from "./run-desk.ts";

export interface OperatorNamespaceDependencies {
  readonly access: OperatorAccess;
  readonly desk: RunDesk;
  onRefusal(address: string, cause: string): void;
}

/** Progress of runs for operators and viewers alike: Socket.IO's namespace `/operators`. */
export function serveOperatorNamespace(io: Server, { access, desk, onRefusal }: OperatorNamespaceDependencies): void {
  const namespace = io.of("/operators") as unknown as ReturnType<Server<OperatorToServer, ServerToOperator>["of"]>;
  namespace.use((socket, next) => {
    const address = addressText(socket.handshake.address);
    const role = access.roleOf(address, (socket.handshake.auth as { token?: unknown }).token);
    if (typeof role === "string") return next();
    if (role.isNews) onRefusal(address, role.error.message);
    return next(new Error(role.error.message));
  });
  namespace.on("connection", (socket: Socket<OperatorToServer, ServerToOperator>) => {
    let unfollow: (() => void) | null = null;
    socket.on("disconnect", () => unfollow?.());
    socket.on("follow", (runId: unknown, after: unknown, reply: unknown) => {
      if (typeof runId !== "string" || typeof after !== "number" || typeof reply !== "function") {
        socket.disconnect(true);
        return;
      }
      unfollow?.();
      const answer = reply as Parameters<OperatorToServer["follow"]>[2];
      unfollow = desk.follow(runId, after, {
        onProgress: (message) => socket.emit("progress", runId, message),
        onEnded: (run) => socket.emit("ended", run),
      });
      if (unfollow !== null) answer(null);
      else void tellEnd(socket, desk, runId, answer);
    });
  });
}

async function tellEnd(
  socket: Socket<OperatorToServer, ServerToOperator>,
  desk: RunDesk,
  runId: string,
  answer: Parameters<OperatorToServer["follow"]>[2],
): Promise<void> {
  const run = await desk.find(runId);
  if (run === null) {
    answer(toErrorData(new AppError("USAGE", `there is no run ${runId.slice(0, 100)}`)));
    return;
  }
  answer(null);
  socket.emit("ended", run);
}
