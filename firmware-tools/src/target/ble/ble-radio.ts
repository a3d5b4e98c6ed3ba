/**
 * A Bluetooth controller at a technician's desk: it listens, and connects to whom it is told to, several at once. Where the
 * controller fails it is set up anew with the next connection.
 */
import { GattLink, type Link, LinkError, type Timers } from '@timeband/protocol';
import {
  type Adopted,
  type BandKey,
  type ConnectionPlan,
  Connector,
  GattSession,
  type HciMonitor,
  type HciPort,
  nextAdvert,
  type PeerAddress,
  RadioCounters,
  RadioFailure,
  RadioStack,
} from '@timeband/radio';
import { TargetError } from '../target.js';
import { type Neighbour, Neighbours } from './neighbours.js';

export interface BleRadioOptions {
  /** A port of its own for every attempt. */
  readonly port: () => HciPort;
  /** Bands that are told by their names. */
  readonly keys: Iterable<BandKey>;
  readonly timers: Timers;
  readonly monitor?: HciMonitor | undefined;
}

/** A link, and who was connected to. */
export interface Connected {
  readonly link: Link;
  readonly neighbour: Neighbour;
}

/** Longest that is listened for one advert: the slowest bands say something once a second. */
const LISTEN_MS = 1_050;
const GRACE_MS = 20;
/** Listened for in vain so often: it is waited for until it is heard anew. */
const MAX_MISSES = 3;
/** Who is heard is waited for so many times as long as who is not. */
const WAITS = 4;
/** Connections that did not become links are tried again as long as there is time. */
const MAX_FAILURES = 4;

interface Wanted {
  readonly name: string;
  readonly isIt: (neighbour: Neighbour) => boolean;
  readonly resolve: (connected: Connected) => void;
  readonly reject: (error: Error) => void;
  failures: number;
  /** It was resolved or rejected. */
  isOver: boolean;
}

interface Use {
  readonly stack: RadioStack;
  readonly connector: Connector;
}

export class BleRadio {
  readonly counters = new RadioCounters();
  private readonly neighbours: Neighbours;
  private readonly wanted = new Set<Wanted>();
  private readonly listeners = new Set<(neighbour: Neighbour) => void>();
  private readonly connected = new Set<string>();
  private readonly misses = new Map<string, number>();
  private use: Promise<Use> | undefined;
  private lastHeardAt: number | undefined;
  private isClosed = false;
  private isListening = false;

  constructor(private readonly options: BleRadioOptions) {
    this.neighbours = new Neighbours(options.keys, options.timers);
  }

  /** Opens the controller and listens. @throws TargetError `target/radio` */
  async start(): Promise<void> {
    try {
      await this.inUse();
    } catch (error) {
      if (error instanceof RadioFailure)
        throw new TargetError('target/radio', `${error.message}. ${error.remedy}`);
      throw error;
    }
  }

  /** Who was heard lately. */
  present(): Neighbour[] {
    return this.neighbours.present();
  }

  /** From now on this band is known by its name. */
  learn(key: BandKey): void {
    this.neighbours.learn(key);
  }

  /** Listens until enough was heard, or for so long. */
  async listen(ms: number, isEnough: (all: readonly Neighbour[]) => boolean = () => false): Promise<void> {
    if (isEnough(this.present())) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        cancel();
        this.listeners.delete(heard);
        resolve();
      };
      const heard = (): void => {
        if (isEnough(this.present())) end();
      };
      const cancel = this.options.timers.after(ms, end);
      this.listeners.add(heard);
    });
  }

  /**
   * Connects as soon as somebody advertises who fits.
   * @param withinMs for one that is not heard; who is heard may take four times as long
   * @throws LinkError `link/open` when that took too long, or the controller cannot be used
   */
  async connect(name: string, isIt: (neighbour: Neighbour) => boolean, withinMs: number): Promise<Connected> {
    const { connector } = await this.inUse().catch((error: unknown) => {
      if (!(error instanceof RadioFailure)) throw error;
      throw new LinkError('link/open', `${error.message}. ${error.remedy}`);
    });
    return new Promise<Connected>((resolve, reject) => {
      const over = (): void => {
        wanted.isOver = true;
        cancel();
        this.wanted.delete(wanted);
      };
      const wanted: Wanted = {
        ...{ name, isIt, failures: 0, isOver: false },
        resolve: (connected) => {
          over();
          resolve(connected);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      };
      const { timers } = this.options;
      const began = timers.now();
      const late = (): void => {
        const seconds = Math.round((timers.now() - began) / 1_000);
        // Who is there may have to wait for others.
        const isHeard = this.present().some(isIt);
        if (isHeard && seconds * 1_000 < withinMs * WAITS) {
          cancel = timers.after(withinMs, late);
          return;
        }
        const what = isHeard ? 'is heard, and did not take a connection' : 'was not heard';
        wanted.reject(new LinkError('link/open', `${name} ${what} within ${seconds} s`));
      };
      let cancel = timers.after(withinMs, late);
      this.wanted.add(wanted);
      connector.hurry(true);
    });
  }

  /** Hangs up on everybody and lets go of the controller. Idempotent. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    const use = await this.use?.catch(() => undefined);
    this.fail(new LinkError('link/open', 'the radio was closed'));
    use?.connector.close();
    await use?.stack.close();
  }

  private inUse(): Promise<Use> {
    if (this.isClosed) return Promise.reject(new LinkError('link/open', 'the radio is closed'));
    this.use ??= this.setUp().catch((error: unknown) => {
      this.use = undefined;
      throw error;
    });
    return this.use;
  }

  /** @throws RadioFailure */
  private async setUp(): Promise<Use> {
    const { port, timers, monitor } = this.options;
    const { counters } = this;
    const failed = (failure: RadioFailure): void => void this.failed(failure);
    const stack: RadioStack = new RadioStack({
      ...{ port: port(), timers, counters, monitor, failed },
      advert: (report) => {
        this.lastHeardAt = timers.now();
        const neighbour = this.neighbours.hear(report);
        if (neighbour !== undefined) this.heard(neighbour, connector);
      },
      connected: (adopted) => {
        connector.attempted();
        if (adopted !== undefined) void this.adopt(stack, adopted);
      },
    });
    this.lastHeardAt = undefined;
    const connector: Connector = new Connector({
      ...{ driver: stack.driver, timers, counters, failed },
      plan: (acceptList, leadMs) => this.plan(acceptList, leadMs),
      missed: (targets, from) => {
        this.missed(targets, from);
      },
      limited: () => undefined, // whoever waits goes on waiting
      lastHeardAt: () => this.lastHeardAt,
    });
    try {
      await stack.start();
      await connector.start();
    } catch (error) {
      await stack.close();
      throw error;
    }
    void connector.run();
    return { stack, connector };
  }

  private async failed(failure: RadioFailure): Promise<void> {
    const { use } = this;
    this.use = undefined;
    this.fail(new LinkError('link/open', `${failure.message}. ${failure.remedy}`));
    const used = await use?.catch(() => undefined);
    used?.connector.close();
    await used?.stack.close();
  }

  private fail(error: LinkError): void {
    for (const wanted of [...this.wanted]) wanted.reject(error);
  }

  private heard(neighbour: Neighbour, connector: Connector): void {
    const { key } = neighbour.address;
    this.misses.delete(key);
    for (const listener of [...this.listeners]) listener(neighbour);
    if (!this.connected.has(key) && this.wantedFor(neighbour) !== undefined) connector.hurry(true);
  }

  private wantedFor(neighbour: Neighbour): Wanted | undefined {
    return [...this.wanted].find(({ isIt }) => isIt(neighbour));
  }

  /** Where no advert was due in that time, it says nothing. */
  private missed(targets: readonly PeerAddress[], from: number): void {
    const now = this.options.timers.now();
    for (const { key } of targets) {
      const neighbour = this.neighbours.find(key);
      if (this.connected.has(key) || neighbour === undefined || nextAdvert(neighbour, from) > now) continue;
      this.misses.set(key, (this.misses.get(key) ?? 0) + 1);
    }
  }

  private plan(acceptList: number, leadMs: number): ConnectionPlan {
    const now = this.options.timers.now();
    const begins = now + leadMs;
    const near = this.present().filter(
      ({ address: { key } }) => !this.connected.has(key) && (this.misses.get(key) ?? 0) < MAX_MISSES,
    );
    const isLost = [...this.wanted].some(({ isIt }) => !near.some(isIt));
    // While it connects to others, who is not heard cannot be: every other turn is for listening.
    this.isListening = isLost && !this.isListening;
    if (this.isListening) return { targets: [], from: now, until: now, waiting: 0 };
    const candidates = near
      .filter((neighbour) => this.wantedFor(neighbour) !== undefined)
      .map((neighbour) => ({ address: neighbour.address, at: nextAdvert(neighbour, begins) }))
      .sort((a, b) => a.at - b.at)
      .slice(0, acceptList);
    const last = candidates.at(-1)?.at ?? now;
    return {
      targets: candidates.map(({ address }) => address),
      from: begins,
      until: Math.min(last + GRACE_MS, begins + LISTEN_MS),
      waiting: this.wanted.size,
    };
  }

  private async adopt(stack: RadioStack, { handle, address, peripheral }: Adopted): Promise<void> {
    const { timers } = this.options;
    const neighbour = this.neighbours.find(address.key);
    const wanted = neighbour && this.wantedFor(neighbour);
    if (neighbour === undefined || wanted === undefined) {
      stack.driver.disconnect(handle);
      return;
    }
    this.wanted.delete(wanted); // it is being served; `reject` and the deadline still reach it
    this.connected.add(address.key);
    peripheral.once('disconnect', () => this.connected.delete(address.key));
    const session = new GattSession({ name: wanted.name, driver: stack.driver, handle, peripheral, timers });
    try {
      await session.open();
      if (wanted.isOver) await session.close();
      wanted.resolve({ link: new GattLink(session, timers), neighbour });
    } catch (error) {
      await session.close();
      if (!(error instanceof Error)) throw error;
      if (++wanted.failures >= MAX_FAILURES) wanted.reject(error);
      else if (!wanted.isOver) this.wanted.add(wanted);
    }
  }
}
