import type { SendingEnd } from "../sending/sender.ts";

/** The sending end of a node that answers when the test says so. */
export class FakeNode implements SendingEnd {
  openConnections = 1;
  bufferedBytes = 0;
  flushes = 0;
  /** When false, `send` refuses although a connection seems open: it has just broken. */
  takes = true;
  /** When true, every open connection waits for an answer and carries nothing else meanwhile. */
  busy = false;
  readonly received: number[] = [];
  readonly givenUp: number[] = [];

  get hasRoom(): boolean {
    return this.openConnections > 0 && !this.busy;
  }

  send(token: number): boolean {
    if (!this.takes || !this.hasRoom) return false;
    this.received.push(token);
    return true;
  }

  giveUp(token: number): void {
    this.givenUp.push(token);
  }

  flush(): void {
    this.flushes++;
  }
}
