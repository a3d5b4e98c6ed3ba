/**
 * The sole owner of scanning and connecting. Most controllers do one or the other, so they alternate: some milliseconds
 * of passive scanning, then initiating to whoever of the accept list advertises next (Core, Vol 4, Part E, 7.8.10 to 7.8.16).
 */
import type { Timers } from '@timeband/protocol';
import type { RadioCounters } from './counters.js';
import { Pause } from './deadline.js';
import { RadioFailure } from './failure.js';
import type { PeerAddress } from './hci/adverts.js';
import { OPCODE, STATUS, u16 } from './hci/codes.js';
import type { HciDriver } from './hci/driver.js';

/** While somebody waits: scanning between two attempts, beside what passes while the accept list is changed. */
const SCAN_MS = 30;
/** How fast the estimate of that follows what is measured, and what it never exceeds. */
const LEAD_WEIGHT = 1 / 8;
const MAX_LEAD_MS = 100;
/** While nobody does: how often to look whether somebody is due. */
const IDLE_MS = 250;
/** A controller that says nothing by itself is asked this often. */
const PING_MS = 2_000;
/** A controller that cancels an attempt reports its end within the first; where there was none to cancel, within the second. */
const CANCELLED_MS = 2_000;
const CONNECTED_MS = 100;
/** Where adverts were heard before, this much silence means that the receiver is stuck. */
const DEAF_MS = 60_000;

/** Units of 0.625 ms: the whole interval is listened. */
const SCAN_INTERVAL = 96;
/** Units of 1.25 ms: 15 ms. */
const CONNECTION_INTERVAL = 12;
/** Units of 10 ms: 3 s. */
const SUPERVISION_TIMEOUT = 300;
/** More would take longer to enter than it takes until one of them advertises. */
const MAX_ACCEPT_LIST = 12;

/** Duplicates too: what a band says changes. */
const ALL_REPORTS = 0;

const PASSIVE = 0;
const PUBLIC_ADDRESS = 0;
const ANY_ADVERT = 0;
const SCAN_PARAMETERS = [PASSIVE, ...u16(SCAN_INTERVAL), ...u16(SCAN_INTERVAL), PUBLIC_ADDRESS, ANY_ADVERT];

const USE_ACCEPT_LIST = 1;
const NO_PEER = [0, 0, 0, 0, 0, 0, 0];
const CONNECTION_PARAMETERS = [
  ...[...u16(SCAN_INTERVAL), ...u16(SCAN_INTERVAL), USE_ACCEPT_LIST, ...NO_PEER, PUBLIC_ADDRESS],
  ...[...u16(CONNECTION_INTERVAL), ...u16(CONNECTION_INTERVAL), ...u16(0), ...u16(SUPERVISION_TIMEOUT)],
  ...[...u16(0), ...u16(0)],
];

/** Whom to connect to. */
export interface ConnectionPlan {
  /** Who may connect now, most urgent first, at most as many as the accept list holds. */
  readonly targets: readonly PeerAddress[];
  /** From when until when it is worth listening for them. */
  readonly from: number;
  readonly until: number;
  /** How many wait, whether they are about to advertise or not. */
  readonly waiting: number;
}

export interface ConnectorOptions {
  readonly driver: HciDriver;
  readonly timers: Timers;
  readonly counters: RadioCounters;
  /** Asked before every attempt, which begins so many milliseconds later: the accept list has to be changed first. */
  readonly plan: (acceptList: number, leadMs: number) => ConnectionPlan;
  /** These were listened for from that moment until now, and somebody else or nobody connected. */
  readonly missed: (targets: readonly PeerAddress[], from: number) => void;
  /** The controller holds no more connections than it has now. */
  readonly limited: () => void;
  /** When an advert was heard last. */
  readonly lastHeardAt: () => number | undefined;
  readonly failed: (failure: RadioFailure) => void;
}

/** What the radio is doing. */
type Phase = 'off' | 'scanning' | 'initiating';

export class Connector {
  private phase: Phase = 'off';
  private isClosed = false;
  private acceptListSize = 1;
  private accepted = new Map<string, PeerAddress>();
  private pingedAt: number;
  /** Whether this controller refuses scan parameters while it scans, as the standard says: then that proves that it does. */
  private provesScanning = false;
  private isAttemptOver = true;
  /** From a plan to the beginning of its attempt, as it was lately. */
  private leadMs = 20;
  /** When scanning was stopped, to connect. */
  private deafSince: number | undefined;
  /** Nobody was to be connected to when scanning began. */
  private isIdle = true;
  private readonly scanning: Pause;
  private readonly attempt: Pause;

  constructor(private readonly options: ConnectorOptions) {
    const { timers } = options;
    this.scanning = new Pause(timers);
    this.attempt = new Pause(timers);
    this.pingedAt = timers.now();
  }

  /** Sets scanning up. @throws RadioFailure */
  async start(): Promise<void> {
    const { status, values } = await this.options.driver.command(OPCODE.leReadAcceptListSize);
    if (status === STATUS.success) this.acceptListSize = Math.max(1, values[0] ?? 1);
    await this.expect(OPCODE.leClearAcceptList);
    await this.scan(false);
    await this.expect(OPCODE.leSetScanParameters, SCAN_PARAMETERS);
    await this.scan(true);
    this.provesScanning = !(await this.takesScanParameters());
  }

  /** Scans and connects until it is closed or the controller fails. */
  async run(): Promise<void> {
    try {
      while (!this.isClosed) await this.round();
    } catch (error) {
      if (!(error instanceof RadioFailure)) throw error;
      this.options.failed(error);
    }
  }

  close(): void {
    this.isClosed = true;
    this.scanning.wake();
    this.attempt.wake();
  }

  /** There may be somebody to connect to. Others who wait are still scanned for, unless it is urgent. */
  hurry(isUrgent: boolean): void {
    if (this.phase === 'scanning' && (isUrgent || this.isIdle)) this.scanning.wake();
  }

  /** The controller reported how the attempt ended. */
  attempted(): void {
    this.isAttemptOver = true;
    this.attempt.wake();
  }

  private async round(): Promise<void> {
    const plan = this.options.plan(Math.min(MAX_ACCEPT_LIST, this.acceptListSize), this.leadMs);
    this.isIdle = plan.waiting === 0;
    if (plan.targets.length > 0) await this.connect(plan);
    await this.scanning.take(this.isIdle ? IDLE_MS : SCAN_MS);
    await this.watch();
  }

  private async connect({ targets, from, until }: ConnectionPlan): Promise<void> {
    const { driver, timers } = this.options;
    const planned = timers.now();
    await this.accept(targets);
    const waited = Math.max(0, from - timers.now());
    if (waited > 0) await this.scanning.take(waited);
    await this.scan(false);
    this.isAttemptOver = false;
    const since = timers.now();
    this.leadMs += (Math.min(MAX_LEAD_MS, since - planned - waited) - this.leadMs) * LEAD_WEIGHT;
    const { status } = await driver.command(OPCODE.leCreateConnection, CONNECTION_PARAMETERS);
    if (status === STATUS.success) {
      this.phase = 'initiating';
      if (!(await this.hasEnded(Math.max(0, until - timers.now())))) await this.cancel();
      this.options.missed(targets, since);
    } else {
      this.options.counters.count('connect/refused');
      if (status === STATUS.connectionLimit) this.options.limited();
    }
    await this.scan(true);
  }

  /** An attempt that is cancelled may yet turn out to have been a connection. */
  private async cancel(): Promise<void> {
    const { status } = await this.options.driver.command(OPCODE.leCancelConnection);
    const isCancelled = status === STATUS.success;
    if (await this.hasEnded(isCancelled ? CANCELLED_MS : CONNECTED_MS)) return;
    throw isCancelled
      ? new RadioFailure('radio/silent', 'a cancelled attempt to connect was never reported')
      : new RadioFailure('radio/rebooted', 'the controller has forgotten whom to connect to');
  }

  private async hasEnded(ms: number): Promise<boolean> {
    if (!this.isAttemptOver && !this.isClosed) await this.attempt.take(ms);
    return this.isAttemptOver || this.isClosed;
  }

  private async accept(targets: readonly PeerAddress[]): Promise<void> {
    const wanted = new Map(targets.map((address) => [address.key, address]));
    const unwanted = [...this.accepted].filter(([key]) => !wanted.has(key));
    if (unwanted.length > wanted.size / 2) {
      await this.expect(OPCODE.leClearAcceptList);
      this.accepted.clear();
    } else {
      for (const [, address] of unwanted)
        await this.expect(OPCODE.leRemoveFromAcceptList, listEntry(address));
    }
    for (const [key, address] of wanted) {
      if (!this.accepted.has(key)) await this.expect(OPCODE.leAddToAcceptList, listEntry(address));
    }
    this.accepted = wanted;
  }

  private async scan(isOn: boolean): Promise<void> {
    if (this.isClosed) return;
    await this.expect(OPCODE.leSetScanEnable, [isOn ? 1 : 0, ALL_REPORTS]);
    this.phase = isOn ? 'scanning' : 'off';
    const { timers, counters } = this.options;
    if (isOn && this.deafSince !== undefined)
      counters.count('scan/paused-ms', Math.round(timers.now() - this.deafSince));
    this.deafSince = isOn ? undefined : timers.now();
  }

  /** Whether the controller is there, scans as it was told, and hears something. */
  private async watch(): Promise<void> {
    const { driver, timers, lastHeardAt } = this.options;
    const now = timers.now();
    if (this.isClosed || now - this.pingedAt < PING_MS) return;
    this.pingedAt = now;
    if (now - (lastHeardAt() ?? now) > DEAF_MS)
      throw new RadioFailure('radio/silent', `no advert was heard for ${DEAF_MS / 1_000} s`);
    if (!this.provesScanning) await driver.command(OPCODE.readAddress);
    else if (await this.takesScanParameters())
      throw new RadioFailure('radio/rebooted', 'the controller has forgotten that it was to scan');
  }

  private async takesScanParameters(): Promise<boolean> {
    const { status } = await this.options.driver.command(OPCODE.leSetScanParameters, SCAN_PARAMETERS);
    return status === STATUS.success;
  }

  private async expect(opcode: number, parameters: Iterable<number> = []): Promise<void> {
    const { status } = await this.options.driver.command(opcode, parameters);
    if (status === STATUS.success) return;
    const [command, code] = [opcode.toString(16).padStart(4, '0'), status.toString(16).padStart(2, '0')];
    throw new RadioFailure('radio/hardware', `the controller refuses command 0x${command} with 0x${code}`);
  }
}

function listEntry({ bytes, isRandom }: PeerAddress): number[] {
  return [isRandom ? 1 : 0, ...Array.from(bytes).reverse()];
}
