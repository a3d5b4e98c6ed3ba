/**
 * A visit: the link to one device from its first packet to its end, with the limits that a stranger needs. Devices speak
 * when they are asked and not otherwise, answer in time, and do not stay for ever.
 */
import {
  type GattLink,
  type Link,
  LinkError,
  type LinkHandlers,
  SmpError,
  type Timers,
} from '@timeband/protocol';
import type { Sighting } from './sightings.js';

/** A link on which nothing comes for so long, after something was asked, has died. */
const QUIET_MS = 10_000;
/** A visit takes a second; one that takes so long keeps others out. */
const LONGEST_MS = { known: 300_000, stranger: 30_000 } as const;
/** Packets that a device may send for each that it was sent: an answer, and one that was late. */
const ANSWERS = 2;
/** Packets beyond that: then it is hung up. */
const MAX_UNASKED = 16;

export type VisitOutcome = 'done' | 'failed';

export interface VisitOptions {
  readonly sighting: Sighting;
  /** More devices wait than there are connections. */
  readonly isCrowded: boolean;
  readonly link: GattLink;
  readonly timers: Timers;
  /** The link is gone; `done` only when who used it said so. */
  readonly ended: (outcome: VisitOutcome) => void;
}

export class Visit implements Link {
  readonly sighting: Sighting;
  readonly isCrowded: boolean;
  private handlers: LinkHandlers | undefined;
  private owed = 0;
  private unasked = 0;
  private outcome: VisitOutcome = 'failed';
  private isOver = false;
  private problem: Error | undefined;
  private cancelQuiet: () => void = () => undefined;
  private readonly cancelLongest: () => void;

  constructor(private readonly options: VisitOptions) {
    this.sighting = options.sighting;
    this.isCrowded = options.isCrowded;
    const longest = this.sighting.device === undefined ? LONGEST_MS.stranger : LONGEST_MS.known;
    this.cancelLongest = options.timers.after(longest, () => {
      this.hangUp(`the visit took longer than ${longest / 1_000} s`);
    });
  }

  get name(): string {
    return this.options.link.name;
  }

  readonly start = (handlers: LinkHandlers): void => {
    this.handlers = handlers;
    this.options.link.start({
      packet: (packet) => {
        this.received(packet);
      },
      fault: handlers.fault,
      closed: (reason) => {
        this.over(reason);
      },
    });
  };

  readonly send = (packet: Uint8Array): void => {
    this.options.link.send(packet);
    this.owed = Math.min(this.owed + ANSWERS, 256);
    this.cancelQuiet();
    this.cancelQuiet = this.options.timers.after(QUIET_MS, () => {
      this.hangUp(`nothing came for ${QUIET_MS / 1_000} s`);
    });
  };

  /** What came of it, for the schedule; the last word before `close` counts. */
  conclude(outcome: VisitOutcome): void {
    this.outcome = outcome;
  }

  readonly close = async (): Promise<void> => {
    await this.options.link.close();
    this.over(this.problem);
  };

  private received(packet: Uint8Array): void {
    this.cancelQuiet();
    if (this.owed > 0) {
      this.owed--;
      this.handlers?.packet(packet);
      return;
    }
    this.handlers?.fault(new SmpError('smp/unmatched', 'a packet that nobody asked for'));
    if (++this.unasked === MAX_UNASKED) this.hangUp(`${MAX_UNASKED} packets came that nobody asked for`);
  }

  private hangUp(why: string): void {
    this.problem = new LinkError('link/closed', `${this.name}: ${why}`);
    this.outcome = 'failed';
    void this.close();
  }

  private over(reason: Error | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.cancelQuiet();
    this.cancelLongest();
    this.options.ended(this.outcome);
    this.handlers?.closed(reason ?? this.problem);
  }
}
