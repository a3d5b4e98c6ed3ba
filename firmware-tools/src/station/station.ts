/**
 * The bench: takes every device that is plugged in through its whole provisioning, several at once, and takes those up again
 * that were interrupted (SPEC.md, Provisioning).
 */
import { isBreak, type SmpClient, systemTimers, type Timers } from '@timeband/protocol';
import {
  type Desk,
  openAtDesk,
  type Plan,
  type Provisioned,
  provisionDevice,
  ProvisionError,
} from '../provision/index.js';
import type { Target } from '../target/index.js';

/** Devices that are worked on at once. */
export const MOST_AT_ONCE = 16;
const LOOK_EVERY_MS = 150;
/** A device that does not answer is asked again after this. */
const AGAIN_AFTER_MS = 600;
/** How long to wait for an answer. */
const TIMEOUT_MS = 700;

/** One place on the bench, as a person sees it. */
export type Place =
  /** Nothing has answered there yet. */
  | { readonly port: string; readonly state: 'listening'; readonly why?: string }
  | { readonly port: string; readonly state: 'working'; readonly serial: string; readonly step: string }
  /** It was pulled, or did not answer: it goes on when it is back. */
  | { readonly port: string; readonly state: 'interrupted'; readonly serial: string; readonly why: string }
  | { readonly port: string; readonly state: 'done'; readonly serial: string; readonly made: Provisioned }
  | { readonly port: string; readonly state: 'refused'; readonly serial: string; readonly why: string };

export interface StationOptions {
  readonly desk: Desk;
  /** What is plugged in now. */
  readonly look: () => Promise<readonly Target[]>;
  /** What a device is to become, by its serial. */
  readonly planFor: (serial: string) => Plan;
  readonly changed: (place: Place) => void;
  /** What was interrupted there goes on elsewhere. */
  readonly left?: (place: Place) => void;
  readonly timers?: Timers;
  readonly atOnce?: number;
}

export class Station {
  private readonly places = new Map<string, Place>();
  /** Devices under way: a second one of the same serial would be another port of the same. */
  private readonly working = new Map<string, SmpClient | undefined>();
  private readonly resting = new Set<string>();
  private readonly taken = new Set<string>();
  /** On the radio: bands of other sites, and whatever else is no device to be provisioned. */
  private readonly foreign = new Set<string>();
  private readonly finished = new Map<string, Provisioned>();
  private readonly timers: Timers;
  private cancelLook = (): void => undefined;
  private isOpen = false;

  constructor(private readonly options: StationOptions) {
    this.timers = options.timers ?? systemTimers;
  }

  /** What was finished here, in order, each device once; also those that were finished before. */
  get made(): readonly Provisioned[] {
    return [...this.finished.values()];
  }

  get all(): readonly Place[] {
    return [...this.places.values()];
  }

  start(): void {
    this.isOpen = true;
    this.lookAround();
  }

  /** Lets go of every device. What was done stays done. */
  async close(): Promise<void> {
    this.isOpen = false;
    this.cancelLook();
    const clients = [...this.working.values()].filter((client) => client !== undefined);
    await Promise.all(clients.map((client) => client.close()));
  }

  private lookAround(): void {
    void this.options
      .look()
      .then(
        (targets) => {
          this.take(targets);
        },
        () => undefined, // a folder that is not there just now
      )
      .finally(() => {
        if (!this.isOpen) return;
        this.cancelLook = this.timers.after(LOOK_EVERY_MS, () => {
          this.lookAround();
        });
      });
  }

  private take(targets: readonly Target[]): void {
    const there = new Set(targets.map(({ name }) => name));
    for (const place of this.places.values()) if (!there.has(place.port)) this.left(place);
    const { atOnce = MOST_AT_ONCE } = this.options;
    for (const target of targets) {
      if (!this.isOpen || this.working.size >= atOnce) return;
      const place = this.places.get(target.name);
      const isOver = place?.state === 'done' || place?.state === 'refused' || this.foreign.has(target.name);
      if (isOver || this.working.has(target.name) || this.resting.has(target.name)) continue;
      void this.serve(target);
    }
  }

  /** A port that is gone may bring another device next. */
  private left(place: Place): void {
    if (this.working.has(place.port)) return;
    if (place.state === 'done' || place.state === 'refused' || place.state === 'listening') {
      this.places.delete(place.port);
    }
  }

  private async serve(target: Target): Promise<void> {
    const { desk, planFor } = this.options;
    const port = target.name;
    this.working.set(port, undefined);
    let serial: string | undefined;
    // Who is in the air is shown once it says who it is.
    if (!this.places.has(port) && target.transport === 'serial') this.show({ port, state: 'listening' });
    try {
      const client = await openAtDesk(target, desk, { timers: this.timers, timeoutMs: TIMEOUT_MS });
      this.working.set(port, client);
      try {
        const made = await provisionDevice(client, desk, (report) => planFor(report.serial), {
          taken: this.taken,
          isTapped: target.transport === 'ble',
          step: (step, report) => {
            if (target.transport === 'ble' && target.isUntrusted) this.refuseOthers(report.serial);
            serial = report.serial;
            this.movedFrom(serial, port);
            this.show({ port, state: 'working', serial, step });
          },
        });
        if (!this.finished.has(made.serial)) this.finished.set(made.serial, made);
        this.show({ port, state: 'done', serial: made.serial, made });
      } finally {
        await client.close();
      }
    } catch (error) {
      this.failed(target, serial, error);
    } finally {
      this.working.delete(port);
    }
  }

  /** A band in the air that belongs to a site is either one that was lost half-way here, or nobody's business. */
  private refuseOthers(serial: string): void {
    const standing = this.options.desk.register.bySerial(serial);
    if (standing === undefined || standing.state === 'wiped')
      throw new ProvisionError('device/refused', `${serial} was not begun by this register`);
  }

  /** What was interrupted elsewhere goes on here. */
  private movedFrom(serial: string, port: string): void {
    for (const place of this.places.values())
      if (place.state === 'interrupted' && place.serial === serial && place.port !== port) this.forget(place);
  }

  private forget(place: Place): void {
    this.places.delete(place.port);
    this.options.left?.(place);
  }

  /** It goes on elsewhere, or has come to its end there. */
  private isElsewhere(serial: string, port: string): boolean {
    if (this.finished.has(serial)) return true;
    return this.all.some(
      (place) => place.port !== port && place.state === 'working' && place.serial === serial,
    );
  }

  private failed({ name: port, transport }: Target, serial: string | undefined, error: unknown): void {
    if (transport === 'ble' && serial === undefined) {
      if (!isBreak(error)) this.foreign.add(port);
      this.rest(port);
      return;
    }
    const place = this.places.get(port);
    const isNewborn = transport === 'ble' && place?.state === 'working' && place.step === 'grant';
    const said = error instanceof Error ? error.message : String(error);
    const why = isNewborn && isBreak(error) ? 'it starts anew as a device of the site' : said;
    if (error instanceof ProvisionError) this.show({ port, state: 'refused', serial: serial ?? '?', why });
    else if (serial === undefined) this.show({ port, state: 'listening', why });
    else if (place !== undefined && this.isElsewhere(serial, port)) this.forget(place);
    else this.show({ port, state: 'interrupted', serial, why });
    this.rest(port);
  }

  private rest(port: string): void {
    this.resting.add(port);
    this.timers.after(AGAIN_AFTER_MS, () => this.resting.delete(port));
  }

  private show(place: Place): void {
    this.places.set(place.port, place);
    this.options.changed(place);
  }
}
