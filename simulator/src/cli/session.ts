/** One run of `bandsim reader`: the simulated reader on its port, its residents, and what is counted. */
import {
  CHALLENGE_NONCE_BYTES,
  type CborMap,
  eventTypeOf,
  type Direction,
  KIND,
  mealBody,
  type MealSlot,
  type NewPunch,
  type PrivateKey,
  randomBytes,
  systemTimers,
} from '@timeband/protocol';
import type { BreakName } from '../breaks/index.js';
import { SimulatedReader } from '../reader.js';
import type { FaultChoice } from '../faults/index.js';
import type { BootOptions } from '../firmware/boot/index.js';
import { shownActivity } from '../firmware/activities/index.js';
import type { DeviceEvent } from '../firmware/device-event.js';
import { type Entered, type NewHold, Redemptions } from '../firmware/redemptions.js';
import { seededRandom } from '../random.js';
import { type Band, type BandMix, type BandRange, BandStock, plainTag } from '../taps/bands.js';
import { Residents, startTaps } from '../taps/generator.js';
import { HISTORY_LEAD_MINUTES, liveThrough, PastTimers } from '../taps/history.js';
import { gathering, type PastActivity, ENGAGED } from '../taps/past-activity.js';
import { SerialReader } from '../uart/serial-reader.js';
import { performActivity } from './activity-command.js';
import type { Report } from './report.js';

const MEAL_ID_BYTES = 16;
const DAY_MS = 86_400_000;
/** Until an activity of the past ends by itself. */
const CLOSES_AFTER_MS = 6_000;

export interface SessionOptions {
  readonly site: string;
  readonly id: string;
  readonly issuerKey: PrivateKey;
  readonly link?: string | undefined;
  readonly baud: number;
  readonly signMs: number;
  /** The device's own choice unless given. */
  readonly bufferBytes?: number | undefined;
  readonly untrustedLink?: boolean | undefined;
  readonly slots: number;
  readonly boot: BootOptions;
  readonly bands: BandRange;
  readonly mix: BandMix;
  /** Taps a minute; 0 for none by themselves. */
  readonly rate: number;
  /** Minutes of check-ins before the start; 0 for a reader without a past. */
  readonly history: number;
  /** One that goes on when it starts, and ends soon after. */
  readonly activity?: PastActivity | undefined;
  readonly seed: string;
  /** Bodies of enrolments that it logs before all else. */
  readonly enrolments: readonly CborMap[];
  readonly faults: readonly FaultChoice[];
  readonly breaks: readonly BreakName[];
  readonly report: Report;
}

export class Session {
  private readonly device: SimulatedReader;
  private readonly port: SerialReader;
  private readonly residents: Residents;
  private readonly stock: BandStock;
  private readonly report: Report;
  private readonly kinds: Record<string, number> = {};
  private logged = 0;
  private acked = 0;
  /** Events before the port is known: the port's line comes first. */
  private readonly early: DeviceEvent[] = [];
  private isReady = false;
  readonly stopTaps: () => void;
  readonly redemptions: Redemptions;

  /** Makes the reader, lets it live through its past, and plugs it in. @throws Error of the system */
  constructor(options: SessionOptions) {
    const { site, id, issuerKey, seed, history, bufferBytes, signMs, slots, boot } = options;
    const { untrustedLink = false } = options;
    this.report = options.report;
    const random = seededRandom(`${seed}/${id}/taps`);
    const timers = new PastTimers(systemTimers);
    this.stock = new BandStock({ seed, site, mix: options.mix });
    const bands = this.stock.bands(options.bands);
    const engaged = options.activity === undefined ? [] : bands.slice(-ENGAGED);
    this.residents = new Residents(bands.slice(0, bands.length - engaged.length), random, id);
    const pastMs = history === 0 ? 0 : (history + HISTORY_LEAD_MINUTES) * 60_000;
    timers.goTo(timers.now() - pastMs);
    this.device = new SimulatedReader({
      site,
      id,
      issuerKey,
      seed,
      timers,
      slots,
      boot,
      settings: { signMs, ...(bufferBytes !== undefined && { bufferBytes }) },
      untrustedLink,
      ...(history > 0 && { wall: Math.floor((Date.now() - pastMs) / 1_000) }),
      observe: (event) => {
        this.observe(event);
      },
    });
    this.redemptions = new Redemptions(this.device.reader);
    for (const body of options.enrolments) this.device.reader.record(KIND.enrol, body);
    timers.toPresent();
    const tapNext = (): void => {
      const band = this.residents.next();
      if (band !== undefined) this.tapBand(band);
    };
    const also = options.activity && {
      ...{
        ...options.activity,
        bands: engaged.slice(1),
        reader: id,
        activities: () => this.device.reader.activities,
      },
      tap: (punch: NewPunch) => this.device.reader.tap(punch),
    };
    if (history > 0) {
      liveThrough(
        history,
        timers,
        this.residents,
        random,
        tapNext,
        also === undefined ? [] : gathering(also),
      );
    }
    for (const name of options.breaks) this.device.break(name);
    for (const fault of options.faults) this.device.misbehave(fault);
    this.port = new SerialReader(this.device, { baud: options.baud, link: options.link });
    this.report.ready(id, this.port.path ?? '');
    this.isReady = true;
    for (const event of this.early.splice(0)) this.report.event(event);
    const stopTaps = startTaps({ perMinute: options.rate, timers, random, tap: tapNext });
    const close = (): void => {
      if (options.activity !== undefined) this.device.reader.activities.close(options.activity.service);
    };
    const cancelClosing = timers.after(CLOSES_AFTER_MS, close);
    this.stopTaps = () => {
      stopTaps();
      cancelClosing();
      close();
    };
  }

  /** A band by its number is held to the reader. */
  tap(number: number, direction?: Direction, service?: number): void {
    this.tapBand(this.stock.band(number), direction, service);
  }

  /** A tag that is none of the bands is held to the reader. */
  tapTag(uid: Uint8Array, direction: Direction = 'in', service?: number): void {
    this.device.reader.tap(this.residents.punch(plainTag(uid), { direction, service }));
  }

  /** A band by its number is held to the reader to fetch a meal of today, where this machine is. */
  collect(number: number, slot: MealSlot): void {
    const nonce = randomBytes(CHALLENGE_NONCE_BYTES);
    const shows = { what: 'possession', service: 0, direction: 'none' } as const;
    const proof = this.stock.band(number).prove({ ...shows, nonce, challenger: this.device.id });
    const date = localDate(new Date());
    const meal = randomBytes(MEAL_ID_BYTES); // a reader does not know which was ordered
    this.device.reader.record(KIND.meal, mealBody({ meal, phase: 'collected', date, slot, proof }));
  }

  /** A band by its number is held to the reader to hold minutes for a service. */
  redeem(number: number, hold: Omit<NewHold, 'proof'>): Entered {
    const nonce = randomBytes(CHALLENGE_NONCE_BYTES);
    const shows = { what: 'redeem', service: hold.service, direction: 'none' } as const;
    const proof = this.stock.band(number).prove({ ...shows, nonce, challenger: this.device.id });
    return this.redemptions.hold({ ...hold, proof });
  }

  /** Somebody at the reader opens, closes or plans an activity. Returns what there is to say where nothing was logged. */
  activity(words: readonly string[]): string | undefined {
    return performActivity(words, this.device.reader.activities, Math.floor(Date.now() / 1_000));
  }

  unplug(): void {
    this.port.unplug();
    this.report.port(this.port.path);
  }

  plug(): void {
    this.port.plug();
    this.report.port(this.port.path);
  }

  reboot(): void {
    this.device.reboot();
  }

  /** The power fails, by itself or once so many more bytes of image flash were written. */
  cutPower(afterBytes: number | undefined): void {
    const { machine } = this.device;
    if (afterBytes === undefined) machine?.powerOff();
    else machine?.slots.flash.cutAfter(afterBytes);
  }

  restorePower(): void {
    this.device.powerOn();
  }

  /** At its next start it stays in serial recovery. */
  holdRecovery(): void {
    this.device.machine?.holdRecovery();
  }

  misbehave(fault: FaultChoice): void {
    this.device.misbehave(fault);
  }

  heal(): void {
    this.device.heal();
  }

  reportStatus(): void {
    const { reader, server } = this.device;
    const { head, sealed, boot, full } = reader.status(0);
    const { epoch, oldest, acked } = reader.identity();
    this.report.status({
      logged: this.logged,
      sealed,
      acked,
      head,
      oldest,
      kinds: this.kinds,
      epoch,
      boot,
      full,
      policies: reader.policies(),
      activities: reader.activities.gathered.map(({ activity, attended }) =>
        shownActivity(activity, attended),
      ),
      receipts: reader.inbox.receipts.length,
      runs: this.device.machine?.mode,
      firmware: this.device.machine?.image?.version,
      requests: server.counters,
      droppedBytes: this.port.dropped,
    });
  }

  /** Stops the taps, removes the port and says what came of it. */
  end(): void {
    this.stopTaps();
    this.port.unplug();
    this.report.summary(this.logged, this.acked);
  }

  private tapBand(band: Band, direction?: Direction, service?: number): void {
    const punch = this.residents.punch(band, { direction, service });
    if ('logged' in this.device.reader.tap(punch)) this.residents.tapped(band, punch);
  }

  private observe(event: DeviceEvent): void {
    if (event.event === 'logged') {
      const kind = eventTypeOf(event.kind);
      this.logged++;
      this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    }
    if (event.event === 'acked') this.acked += event.records;
    if (event.event === 'feedback') this.redemptions.shown(event);
    if (this.isReady) this.report.event(event);
    else this.early.push(event);
  }
}

/** Days since 1970-01-01 on this machine's calendar. */
function localDate(now: Date): number {
  return Date.UTC(now.getFullYear(), now.getMonth(), now.getDate()) / DAY_MS;
}
