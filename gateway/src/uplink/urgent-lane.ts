/**
 * What does not wait for its turn: calls for help. An event that is one goes up at once and again in its place in the
 * log, where its identity tells that it is the same; a hint from the air goes once or, while there is no connection,
 * waits for as long as somebody may still be on the floor (SPEC.md, Uplink).
 */
import type { Timers } from '@timeband/protocol';
import type { Counters, EventSource, PublishedEvent } from '../broker/index.js';
import type { UplinkTable } from '../store/index.js';
import type { CityLink } from './city-link.js';
import { isCallForHelp } from './help.js';
import type { CityTopics } from './topics.js';

/** More calls than this at once are somebody's flood; what is beyond goes in its turn. */
const MAX_EVENTS = 256;
const MAX_HINTS = 16;
/** The radio says it again after so long, while nobody has come. */
const HINT_MS = 60_000;

export type UrgentLink = Pick<CityLink, 'alive' | 'publish'>;

export interface UrgentLaneOptions {
  readonly source: EventSource;
  readonly topics: Pick<CityTopics, 'event' | 'help'>;
  readonly table: Pick<UplinkTable, 'urgent' | 'addUrgent' | 'removeUrgent'>;
  readonly timers: Timers;
  readonly counters: Counters;
  /** The table cannot be written; the call goes up all the same. */
  readonly saveFailed: (error: Error) => void;
}

export class UrgentLane {
  /** Positions of calls that are not confirmed. */
  private readonly positions: Set<number>;
  private hints: { readonly payload: string; readonly at: number }[] = [];
  private link: UrgentLink | undefined;

  constructor(private readonly options: UrgentLaneOptions) {
    this.positions = new Set(options.table.urgent());
  }

  /** Calls that wait to be confirmed. */
  get waiting(): number {
    return this.positions.size + this.hints.length;
  }

  /** Looks for calls among the events of a commit that is on disk. */
  committed(events: readonly PublishedEvent[]): void {
    for (const event of events) {
      if (!isCallForHelp(event)) continue;
      if (this.positions.size >= MAX_EVENTS) {
        this.options.counters.count('uplink/urgent-full');
        continue;
      }
      this.positions.add(event.seq);
      this.save(() => {
        this.options.table.addUrgent(event.seq);
      });
      this.send(event);
    }
  }

  /** A call was heard in the air. */
  hint(payload: string): void {
    if (this.link?.alive === true) {
      this.link.publish(this.options.topics.help, payload);
      return;
    }
    this.hints.push({ payload, at: this.options.timers.now() });
    if (this.hints.length > MAX_HINTS) {
      this.hints.shift();
      this.options.counters.count('uplink/hint-dropped', 'too many');
    }
  }

  /**
   * From now on this way, first what has waited.
   *
   * @param cursor what went in its turn meanwhile waits no longer
   * @throws what reading the log throws
   */
  attach(link: UrgentLink, cursor: number): void {
    this.link = link;
    const now = this.options.timers.now();
    for (const { payload, at } of this.hints) {
      if (now - at < HINT_MS) link.publish(this.options.topics.help, payload);
      else this.options.counters.count('uplink/hint-dropped', 'too late');
    }
    this.hints = [];
    for (const position of this.positions) {
      const [event] = position > cursor ? this.options.source.read(position - 1, 1) : [];
      if (event === undefined) this.settle(position);
      else this.send(event);
    }
  }

  detach(): void {
    this.link = undefined;
  }

  private send({ seq, type, message }: PublishedEvent): void {
    this.link?.publish(this.options.topics.event(type), message, {
      confirmed: () => {
        this.settle(seq);
      },
    });
  }

  private settle(position: number): void {
    if (!this.positions.delete(position)) return;
    this.save(() => {
      this.options.table.removeUrgent(position);
    });
  }

  private save(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.options.saveFailed(error as Error);
    }
  }
}
