/** Keeps a session running on every reader that is plugged in, and none of it depends on any one of them. */
import { realpathSync } from 'node:fs';
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { LinkConfig } from '../config/index.js';
import { Backoff } from './backoff.js';
import { type FoundPort, findPorts } from './ports.js';

/** What a session says of itself, for `status`. */
export interface SessionReport {
  readonly state: string;
  readonly device?: string | undefined;
  readonly because?: string | undefined;
}

/** What runs on a link until it closes. */
export interface LinkSession {
  readonly state: SessionReport;
  run(): Promise<void>;
  close(): Promise<void>;
}

/** What a port becomes once it is open. */
export interface OpenedPort {
  /** Idempotent; resolves when the port is released. */
  readonly close: () => Promise<void>;
}

export interface SupervisorOptions<Opened extends OpenedPort> {
  readonly links: readonly LinkConfig[];
  /** Ports that are something else, though a pattern may name them: the radio's. */
  readonly except?: readonly string[];
  /** The same by settings: what other readers are plugged into. */
  readonly exceptLinks?: readonly LinkConfig[];
  readonly open: (port: FoundPort) => Promise<Opened>;
  readonly session: (link: Opened) => LinkSession;
  readonly timers: Timers;
  readonly log: Logger;
  readonly find?: (link: LinkConfig) => Promise<FoundPort[]>;
}

/** A port that cannot be opened, or whose reader left, is tried again after 0.25 to 8 s. */
const BACKOFF_MS = { least: 250, most: 8_000 };
/** How often ports are looked for: plugging in shows within this time. */
const SCAN_MS = 1_000;

interface Runner {
  /** The device file that the port's path led to when it was found. */
  readonly key: string;
  readonly port: FoundPort;
  readonly backoff: Backoff;
  session: LinkSession | undefined;
  /** Why there is none. */
  problem: string | undefined;
  retry: (() => void) | undefined;
  /** Opening it, and what follows until it is closed: nothing of it outlives the supervisor. */
  attempt: Promise<void> | undefined;
}

/** How a link is doing, for `status`. */
export interface LinkReport {
  readonly path: string;
  readonly connected: boolean;
  readonly problem: string | undefined;
  readonly session: SessionReport | undefined;
}

export class LinkSupervisor<Opened extends OpenedPort> {
  private readonly runners = new Map<string, Runner>();
  private cancelScan: () => void = () => undefined;
  private isClosed = false;

  constructor(private readonly options: SupervisorOptions<Opened>) {}

  /** Opens what is there and goes on looking. */
  async start(): Promise<void> {
    await this.scan();
  }

  /** Closes every link; nothing is opened afterwards. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.cancelScan();
    await Promise.all(
      [...this.runners.values()].map(async (runner) => {
        runner.retry?.();
        await runner.session?.close();
        await runner.attempt;
      }),
    );
  }

  report(): LinkReport[] {
    return [...this.runners.values()].map(({ port, session, problem }) => ({
      path: port.path,
      connected: session !== undefined,
      problem,
      session: session?.state,
    }));
  }

  private async scan(): Promise<void> {
    const { links, except = [], exceptLinks = [] } = this.options;
    const found = await this.find(links);
    const others = await this.find(exceptLinks);
    if (this.isClosed) return;
    for (const key of [...others.keys(), ...except.map(canonical)]) found.delete(key);
    for (const [key, port] of found) if (!this.runners.has(key)) this.launch(key, port);
    for (const [key, runner] of this.runners) {
      // Gone for good, or back under another path: a runner without port and session has nothing to wait for.
      if (!found.has(key) && runner.session === undefined) {
        runner.retry?.();
        this.runners.delete(key);
      }
    }
    this.cancelScan = this.options.timers.after(SCAN_MS, () => void this.scan());
  }

  /** Two settings, or a link and its target, may mean one device: it is opened once. */
  private async find(links: readonly LinkConfig[]): Promise<Map<string, FoundPort>> {
    const found = new Map<string, FoundPort>();
    for (const link of links) {
      try {
        for (const port of await (this.options.find ?? findPorts)(link))
          found.set(canonical(port.path), port);
      } catch (error) {
        this.options.log.warn({ link, err: (error as Error).message }, 'cannot look for readers');
      }
    }
    return found;
  }

  private launch(key: string, port: FoundPort): void {
    const backoff = new Backoff(BACKOFF_MS.least, BACKOFF_MS.most);
    const runner: Runner = {
      key,
      port,
      backoff,
      session: undefined,
      problem: undefined,
      retry: undefined,
      attempt: undefined,
    };
    this.runners.set(key, runner);
    runner.attempt = this.attempt(runner);
  }

  private async attempt(runner: Runner): Promise<void> {
    const { log, open, session, timers } = this.options;
    const { path } = runner.port;
    if (canonical(path) !== runner.key) {
      // The path leads to another device by now, which has a runner of its own or gets one at the next look.
      this.runners.delete(runner.key);
      return;
    }
    try {
      const link = await open(runner.port);
      if (this.isClosed) {
        await link.close();
        return;
      }
      const opened = timers.now();
      runner.problem = undefined;
      runner.session = session(link);
      log.info({ link: path }, 'reader connected');
      await runner.session.run();
      await link.close();
      log.info({ link: path }, 'reader disconnected');
      if (timers.now() - opened > BACKOFF_MS.most) runner.backoff.reset();
    } catch (error) {
      if (runner.problem === undefined)
        log.warn({ link: path, err: (error as Error).message }, 'cannot use this port');
      runner.problem = (error as Error).message;
    }
    runner.session = undefined;
    if (this.isClosed || ![...this.runners.values()].includes(runner)) return;
    runner.retry = timers.after(runner.backoff.next(), () => {
      runner.attempt = this.attempt(runner);
    });
  }
}

/** The device file behind a link, so that /dev/serial/by-id/… and /dev/ttyUSB0 count as one. */
function canonical(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
