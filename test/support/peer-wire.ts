/** The line from a box to the primary of its site, in this process: forwards one way, answers the other, and a switch. */
import { FaultReporter, Handover } from '@timeband/gateway';
import { openForward } from '@timeband/protocol';
import type { Box } from './box.js';

export class PeerWire {
  /** How many records each forward carried. */
  readonly sent: number[] = [];
  /** Bytes of the longest forward. */
  longest = 0;
  /** Answers that are lost on their way. */
  answersToLose = 0;
  private handover: Handover | undefined;

  constructor(
    private readonly from: Box,
    private readonly primary: Box,
  ) {}

  mend(): void {
    const { from, primary } = this;
    const { queue, context, store, counters, clock, wallClock, timers } = from;
    if (queue === undefined) throw new Error(`${from.gateway} has no queue`);
    const { credentials, log, site } = context;
    const handover = new Handover({
      ...{ site, gateway: from.gateway, primary: primary.gateway, credentials, log, counters, timers },
      ...{ tables: store.forward, queue, wallClock, now: () => clock.now() },
      faults: new FaultReporter('forward', counters, log, timers),
      send: (bytes) => {
        const demand = { trust: from.trust, site, now: clock.now() };
        this.sent.push(openForward(bytes, demand).records.length);
        this.longest = Math.max(this.longest, bytes.length);
        void primary.desk.receive(from.gateway, bytes);
      },
    });
    this.handover = handover;
    primary.deskAnswered = (client, bytes) => {
      if (this.answersToLose > 0) this.answersToLose--;
      else if (client === from.gateway) this.handover?.answered(bytes);
    };
    from.handOver = (log) => {
      handover.wake(log);
    };
    handover.wake();
  }

  cut(): void {
    this.handover?.close();
    this.handover = undefined;
    this.from.handOver = () => undefined;
  }
}
