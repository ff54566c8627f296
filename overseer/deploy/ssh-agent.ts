import { spawn } from "node:child_process";
import { Agent } from "node:http";
import { Duplex } from "node:stream";

export interface SshDestination {
  readonly host: string;
  /** Null: as the user's own configuration says. */
  readonly user: string | null;
  readonly port: number | null;
}

/** Requests at a time; each is an ssh process of its own, kept for the next one. */
const mostConnections = 4;
const connectTimeoutSeconds = 10;
/** What is kept of what ssh says, to tell why it failed. */
const mostErrorBytes = 4096;

/**
 * Connections to an engine on another machine, as docker's own client makes them: by the system's `ssh`, which runs
 * `docker system dial-stdio` there. So keys, agents, jump hosts and known hosts are those of the user's own set-up, and a
 * host that is not known is refused: nobody is asked, because nobody may be there.
 */
export class SshAgent extends Agent {
  readonly #destination: SshDestination;

  constructor(destination: SshDestination) {
    super({ keepAlive: true, maxSockets: mostConnections });
    this.#destination = destination;
  }

  override createConnection(): Duplex {
    return new SshConnection(sshArguments(this.#destination));
  }

  /** One that waits for the next request must not keep this program from ending; then it ends as well. */
  override keepSocketAlive(connection: Duplex): boolean {
    (connection as SshConnection).holdProcess(false);
    return true;
  }

  override reuseSocket(connection: Duplex): void {
    (connection as SshConnection).holdProcess(true);
  }
}

export function sshArguments({ host, user, port }: SshDestination): string[] {
  return [
    ...["-T", "-o", "BatchMode=yes", "-o", `ConnectTimeout=${connectTimeoutSeconds}`],
    ...(user === null ? [] : ["-l", user]),
    ...(port === null ? [] : ["-p", String(port)]),
    // A name that begins with a dash is no option.
    ...["--", host, "docker", "system", "dial-stdio"],
  ];
}

class SshConnection extends Duplex {
  readonly #child;
  #said = "";

  constructor(args: readonly string[]) {
    super();
    this.#child = spawn("ssh", [...args], { stdio: ["pipe", "pipe", "pipe"] });
    const { stdin, stdout, stderr } = this.#child;
    stdout.on("data", (bytes: Buffer) => {
      if (!this.push(bytes)) stdout.pause();
    });
    stderr.on("data", (bytes: Buffer) => {
      this.#said = (this.#said + bytes.toString()).slice(-mostErrorBytes);
    });
    // What could not be written is told by the process's end.
    stdin.on("error", () => undefined);
    this.#child.on("error", (error) => this.destroy(new Error(`ssh cannot be started: ${error.message}`)));
    this.#child.on("close", (code) => {
      if (code === 0) this.push(null);
      else this.destroy(new Error(this.#reason(code)));
    });
  }

  holdProcess(isHeld: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    // Pipes of children are sockets, whatever their type says.
    for (const one of [this.#child, stdin, stdout, stderr] as unknown as { ref(): void; unref(): void }[]) {
      if (isHeld) one.ref();
      else one.unref();
    }
  }

  override _read(): void {
    this.#child.stdout.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#child.stdin.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#child.kill();
    done(error);
  }

  #reason(code: number | null): string {
    const last = this.#said.trim().split("\n").at(-1)?.trim() ?? "";
    const hint = /host key verification failed/i.test(this.#said)
      ? ": the host's key is not known; connect once with ssh and compare it"
      : "";
    return last === "" ? `ssh ended with exit code ${code}` : `ssh: ${last.replace(/\.$/, "")}${hint}`;
  }
}
