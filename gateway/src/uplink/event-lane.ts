/**
 * The event log on its way up through one connection: in order, from the cursor on, within a window of messages that
 * are not confirmed, as the gate lets them, and never beyond what the head that stands at the city covers: so the city
 * knows of every event before it has it, and a copy of this box cannot tell another story unnoticed (SPEC.md, Uplink).
 */
import { eventJson, TimebandError, type Timers } from '@timeband/protocol';
import type { Counters, EventSource, PublishedEvent } from '../broker/index.js';
import type { CityLink } from './city-link.js';
import type { Gate, Hold } from './gate.js';
import type { Progress } from './progress.js';
import type { Story } from './story.js';
import type { CityTopics } from './topics.js';

/** Events read at once. */
const PAGE = 128;
/** Bytes of messages that are not confirmed: what a stalled connection may cost in memory. */
const MAX_IN_FLIGHT_BYTES = 2 * 1024 * 1024;
/** After this long the other work of the process has its turn. */
const TURN_MS = 5;

export interface EventLaneOptions {
  readonly link: Pick<CityLink, 'publish'>;
  readonly source: EventSource;
  readonly story: Story;
  readonly topics: Pick<CityTopics, 'event' | 'json' | 'head'>;
  readonly progress: Progress;
  readonly gate: Pick<Gate, 'hold' | 'admit'>;
  readonly window: number;
  /** Whether the JSON twin goes with each event. */
  readonly json: boolean;
  /** A new head is sent at most this often: events in between wait for it together. */
  readonly headEveryMs: number;
  readonly timers: Timers;
  readonly counters: Counters;
  /** The log cannot be read, or contradicts what was signed. */
  readonly failed: (error: Error) => void;
}

/** Why nothing goes just now. `head`: none can be signed yet. */
export type LaneHold = Hold['because'] | 'window' | 'head';

export class EventLane {
  /** Everything up to it was handed to the connection. */
  private position: number;
  /** Everything up to it is covered by a head that was sent. */
  private covered = 0;
  private coveredAt = -Infinity;
  private isCovering = false;
  private page: readonly PublishedEvent[] = [];
  private pageIndex = 0;
  private inFlightBytes = 0;
  private messages = 0;
  private held: LaneHold | undefined;
  private turn: NodeJS.Immediate | undefined;
  private cancelWait = (): void => undefined;
  private isClosed = false;

  constructor(private readonly options: EventLaneOptions) {
    this.position = options.progress.cursor;
  }

  /** Messages that are not confirmed. */
  get inFlight(): number {
    return this.messages;
  }

  get hold(): LaneHold | undefined {
    return this.held;
  }

  /** Sends the newest head first, also where there is nothing else to send. */
  start(): void {
    if (this.options.source.head > 0) this.cover();
  }

  /** There may be something to send. */
  wake(): void {
    if (this.isClosed) return;
    this.turn ??= setImmediate(() => {
      this.turn = undefined;
      this.attempt(() => {
        this.fill();
      });
    });
  }

  close(): void {
    this.isClosed = true;
    if (this.turn !== undefined) clearImmediate(this.turn);
    this.cancelWait();
  }

  private fill(): void {
    const { now } = this.options.timers;
    this.cancelWait();
    this.held = undefined;
    for (const end = now() + TURN_MS; now() < end;) {
      const event = this.peek();
      if (event === undefined) return;
      if (this.messages >= this.options.window || this.inFlightBytes >= MAX_IN_FLIGHT_BYTES) {
        this.held = 'window'; // the next confirmation wakes
        return;
      }
      if (event.seq > this.covered) {
        this.cover();
        return;
      }
      const hold = this.options.gate.hold(event.message.length);
      if (hold !== undefined) {
        this.pause(hold.because, hold.ms);
        return;
      }
      this.send(event);
    }
    this.wake();
  }

  private send(event: PublishedEvent): void {
    const { topics, gate, json } = this.options;
    const { seq, type, message } = event;
    gate.admit(message.length);
    const twin = json ? this.twin(event) : undefined;
    let owed = twin === undefined ? 1 : 2;
    const put = (topic: string, payload: Uint8Array | string): void => {
      this.messages++;
      this.inFlightBytes += payload.length;
      this.options.link.publish(topic, payload, {
        confirmed: () => {
          this.messages--;
          this.inFlightBytes -= payload.length;
          if (--owed === 0) this.options.progress.confirm(seq);
          this.wake();
        },
      });
    };
    if (twin !== undefined) put(topics.json(type), twin);
    put(topics.event(type), message);
    this.position = seq;
    this.pageIndex++;
  }

  private twin({ message }: PublishedEvent): string | undefined {
    try {
      return eventJson(message);
    } catch (error) {
      if (!(error instanceof TimebandError)) throw error;
      this.options.counters.count('uplink/json');
      return undefined;
    }
  }

  private peek(): PublishedEvent | undefined {
    if (this.pageIndex >= this.page.length) {
      this.page = this.options.source.read(this.position, PAGE);
      this.pageIndex = 0;
    }
    return this.page[this.pageIndex];
  }

  /** Sends a head over everything there is now; then what it covers goes. */
  private cover(): void {
    this.held = 'head';
    if (this.isCovering) return;
    const { timers, headEveryMs } = this.options;
    const rest = this.coveredAt + headEveryMs - timers.now();
    if (rest > 0) {
      this.pause('head', rest);
      return;
    }
    this.isCovering = true;
    void this.signHead()
      .catch((error: unknown) => {
        if (!this.isClosed) this.options.failed(error as Error);
      })
      .finally(() => {
        this.isCovering = false;
      });
  }

  private async signHead(): Promise<void> {
    const { story, link, topics, headEveryMs } = this.options;
    const head = await story.newest();
    if (this.isClosed) return;
    if (head === undefined) {
      this.pause('head', headEveryMs);
      return;
    }
    link.publish(topics.head, head.bytes, { retain: true });
    this.covered = story.base + head.says.size;
    this.coveredAt = this.options.timers.now();
    this.wake();
  }

  private pause(because: LaneHold, ms: number): void {
    this.held = because;
    this.cancelWait();
    this.cancelWait = this.options.timers.after(ms, () => {
      this.wake();
    });
  }

  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.failed(error as Error);
    }
  }
}
