import type { SendingEnd } from "../sending/sender.ts";

/** The sending end of a node that answers when the test says so. */
export class FakeNode implements SendingEnd {
  openConnections = 1;
  bufferedBytes = 0;
  flushes = 0;
  /** When false, `send` refuses although a connection seems open: it has just broken. */
  takes = true;
  readonly received: number[] = [];

  send(token: number): boolean {
    if (!this.takes || this.openConnections === 0) return false;
    this.received.push(token);
    return true;
  }

  flush(): void {
    this.flushes++;
  }
}
