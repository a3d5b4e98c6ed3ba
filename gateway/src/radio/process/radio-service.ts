/**
 * The gateway's end: keeps a radio process running, whatever happens to it, and offers the links that it opens. A process
 * that says nothing for a while or something that it must not say is ended and started again.
 */
import type { Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import { type BandKey, type PortChoice, RadioFailure } from '@timeband/radio';
import { type FromRadio, fromRadio, type HeardBand, HUNG_MS, STARTING_MS, type ToRadio } from './messages.js';
import { RemoteLink } from './remote-link.js';

/** A running radio process. */
export interface RadioProcess {
  readonly pid: number | undefined;
  readonly send: (message: ToRadio) => void;
  /** Ends it at once. */
  readonly kill: () => void;
}

export interface RadioProcessHandlers {
  /** Not checked. */
  readonly message: (message: unknown) => void;
  /** Once, however it ended. */
  readonly exited: (why: string) => void;
}

export interface RadioServiceOptions {
  readonly port: PortChoice;
  readonly maxConnections: number;
  readonly bands: readonly BandKey[];
  readonly snoop?: string | undefined;
  readonly spawn: (handlers: RadioProcessHandlers) => RadioProcess;
  readonly timers: Timers;
  readonly log: Logger;
  /** A device is connected: the listener begins a session with it, and closes the link. */
  readonly opened: (link: RemoteLink) => void;
  /** Bands that said something new. Hints, never events. */
  readonly heard?: ((bands: readonly HeardBand[]) => void) | undefined;
}

/** How the radio is doing, for `status`. */
export interface RadioReport {
  readonly state: 'starting' | 'scanning' | 'closed' | 'down';
  /** Of what is wrong: docs/bluetooth.md explains each. */
  readonly code: string | undefined;
  readonly problem: string | undefined;
  readonly remedy: string | undefined;
  /** Of the process, while there is one. */
  readonly pid: number | undefined;
  readonly links: number;
  /** Bands of this site within range. */
  readonly present: number;
  readonly restarts: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** From the end of one process to the next. */
const RESTART_MS = { least: 500, most: 30_000 } as const;
/** A process that lived so long starts a new count. */
const STABLE_MS = 60_000;
/** A band that was not heard for so long has left. */
const PRESENCE_MS = 60_000;
/** A process that is told to stop hangs up first; it is given so long. */
const STOP_MS = 3_000;

/** Nothing is wrong. */
const WELL = { code: undefined, problem: undefined, remedy: undefined };

export class RadioService {
  private process: RadioProcess | undefined;
  private readonly links = new Map<number, RemoteLink>();
  private readonly heardAt = new Map<string, number>();
  private readonly devices: ReadonlySet<string>;
  private status: Pick<RadioReport, keyof typeof WELL | 'state'> = {
    state: 'starting',
    ...WELL,
  };
  private counters: Readonly<Record<string, number>> = {};
  private restarts = 0;
  private restartMs: number = RESTART_MS.least;
  private startedAt = 0;
  private cancelWatch: () => void = () => undefined;
  private cancelRestart: () => void = () => undefined;
  private isClosing = false;
  private gone: () => void = () => undefined;

  constructor(private readonly options: RadioServiceOptions) {
    this.devices = new Set(options.bands.map(({ device }) => device));
  }

  start(): void {
    const { port, maxConnections, bands, snoop, timers } = this.options;
    this.startedAt = timers.now();
    const process = this.options.spawn({
      message: (message) => {
        if (this.process === process) this.receive(message);
      },
      exited: (why) => {
        if (this.process === process) this.exited(why);
      },
    });
    this.process = process;
    process.send({
      ...{ type: 'start', port, maxConnections, bands: [...bands] },
      ...(snoop === undefined ? {} : { snoop }),
    });
    this.watch(STARTING_MS);
  }

  /** Hangs up on every device and ends the process. */
  async close(): Promise<void> {
    this.isClosing = true;
    this.cancelRestart();
    const { process } = this;
    if (process === undefined) return;
    const gone = new Promise<void>((resolve) => (this.gone = resolve));
    process.send({ type: 'stop' });
    const cancelKill = this.options.timers.after(STOP_MS, () => {
      process.kill();
    });
    await gone;
    cancelKill();
  }

  report(): RadioReport {
    const oldest = this.options.timers.now() - PRESENCE_MS;
    for (const [device, at] of this.heardAt) if (at < oldest) this.heardAt.delete(device);
    const { status, restarts, counters } = this;
    const [links, present] = [this.links.size, this.heardAt.size];
    return { ...status, pid: this.process?.pid, links, present, restarts, counters };
  }

  private receive(message: unknown): void {
    const parsed = fromRadio.safeParse(message);
    if (!parsed.success) {
      this.options.log.error('the radio process says what it must not: it is ended');
      this.process?.kill();
      return;
    }
    this.watch(HUNG_MS);
    this.take(parsed.data);
  }

  private take(message: FromRadio): void {
    const { log } = this.options;
    switch (message.type) {
      case 'beat':
        this.counters = message.counters;
        break;
      case 'state':
        if (message.state === 'scanning') log.info('the radio is scanning');
        this.status = { state: message.state, ...WELL };
        break;
      case 'down': {
        const { code, message: problem, remedy } = message;
        if (problem !== this.status.problem) log.warn({ code, remedy }, `the radio is down: ${problem}`);
        this.status = { state: 'down', code, problem, remedy };
        break;
      }
      case 'sightings':
        this.hear(message.bands);
        break;
      case 'opened':
        this.open(message);
        break;
      case 'packet':
      case 'fault':
      case 'closed':
        this.links.get(message.link)?.receive(message);
        if (message.type === 'closed') this.links.delete(message.link);
        break;
    }
  }

  private hear(bands: readonly HeardBand[]): void {
    const known = bands.filter(({ device }) => this.devices.has(device));
    for (const { device } of known) this.heardAt.set(device, this.options.timers.now());
    this.options.heard?.(known);
  }

  private open({
    link: number,
    device,
    pressed = false,
    crowded = false,
  }: Extract<FromRadio, { type: 'opened' }>): void {
    const { process } = this;
    if (process === undefined || this.links.has(number)) return;
    const link = new RemoteLink({
      ...{ number, name: `radio/${device ?? 'stranger'}`, isPressed: pressed, isCrowded: crowded },
      tell: process.send,
    });
    this.links.set(number, link);
    this.options.opened(link);
  }

  /** Any word of the process proves that it lives. */
  private watch(patienceMs: number): void {
    this.cancelWatch();
    this.cancelWatch = this.options.timers.after(patienceMs, () => {
      this.options.log.error(`the radio process has said nothing for ${patienceMs / 1_000} s: it is ended`);
      this.process?.kill();
    });
  }

  private exited(why: string): void {
    this.process = undefined;
    this.cancelWatch();
    for (const link of this.links.values()) link.ended('the radio process ended');
    this.links.clear();
    this.gone();
    if (this.isClosing) {
      this.status = { state: 'closed', ...WELL };
      return;
    }
    const { log, timers } = this.options;
    this.restarts++;
    if (timers.now() - this.startedAt > STABLE_MS) this.restartMs = RESTART_MS.least;
    const {
      code,
      message: problem,
      remedy,
    } = new RadioFailure('radio/process', `the radio process ended (${why})`);
    log.error({ code, remedy, restartMs: this.restartMs }, problem);
    this.status = { state: 'down', code, problem, remedy };
    this.cancelRestart = timers.after(this.restartMs, () => {
      this.start();
    });
    this.restartMs = Math.min(this.restartMs * 2, RESTART_MS.most);
  }
}
