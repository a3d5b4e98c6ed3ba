/**
 * A small town on the air, in virtual time: thousands of bands come into range of one gateway, log, press their buttons,
 * call for help, misbehave, and leave, for as long as one likes. What was logged is held against what was published.
 */
import { KIND, punchBody } from '@timeband/protocol';
import {
  addWristband,
  BandStock,
  EventClock,
  issue,
  type NorFlash,
  RADIO_FAULTS,
  RADIO_FAULT_NAMES,
  type RadioBand,
  seededRandom,
  walkingBetween,
  type Wristband,
} from '@timeband/simulator';
import { START } from '../support/box.js';
import { SITE } from '../support/centre.js';
import { RadioBox } from '../support/radio-box.js';

export interface TownOptions {
  readonly seed: string;
  /** Residents with a band. */
  readonly bands: number;
  /** In range at a time, on average. */
  readonly present: number;
}

/** How long somebody stays, seconds. */
const STAY = { least: 20, most: 240 } as const;
const RECORDS = 12;
/** Tags that are held to bands: each stays checked in, and the gateway remembers that. */
const TAGS = 500;
/** With which their UIDs begin. */
const NXP = 0x04;
const SHARE = { press: 0.3, help: 0.02, fault: 0.05 } as const;
/** Seconds between two troubles of the controller: it is silent, unplugged or reboots. */
const TROUBLE_EVERY = 180;
const SILENT_MS = 5_000;
const UNPLUGGED_MS = 4_000;
/** What was only waiting for its time is over by then; what is not would wait for ever. */
const AFTERWARDS_MS = 180_000;
const SERVICE = 101;
const SLOTS = 40;

interface Guest {
  readonly number: number;
  readonly inAir: RadioBand;
  readonly wristband: Wristband;
  /** Cancel what it was going to do. */
  readonly plans: (() => void)[];
}

export interface TownCounts {
  readonly arrivals: number;
  readonly logged: number;
  readonly published: number;
  /** Acknowledged records that were not published, and records that were published twice. */
  readonly lost: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly troubles: number;
}

export class Town {
  readonly centre: RadioBox;
  private readonly clock = new EventClock(START * 1_000);
  private readonly random;
  private readonly stock: BandStock;
  /** What bands that are away keep. */
  private readonly flashes = new Map<number, NorFlash>();
  private readonly guests = new Map<number, Guest>();
  /** The newest record of each band's log that was published, by device; they come in order. */
  private readonly publishedUpto = new Map<string, number>();
  private counts = {
    arrivals: 0,
    logged: 0,
    published: 0,
    lost: 0,
    duplicates: 0,
    quarantined: 0,
    troubles: 0,
  };
  private nextArrival = 0;
  private nextTrouble = TROUBLE_EVERY;

  constructor(private readonly options: TownOptions) {
    const { seed, bands } = options;
    this.random = seededRandom(`${seed}/town`);
    this.stock = new BandStock({ seed, site: SITE });
    this.centre = new RadioBox({ clock: this.clock, service: SERVICE, room: { simulation: { seed } } });
    for (let number = 0; number < bands; number++) {
      this.centre.room.know({ device: this.stock.id(number), irk: this.stock.irk(number) });
    }
  }

  start(): void {
    this.centre.start();
  }

  /** So many more seconds pass. */
  async live(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds; passed++) {
      this.comeAndGo();
      await this.centre.pass(1);
      this.tally();
    }
  }

  /** Nobody misbehaves any more, everybody stays, until all that was logged is acknowledged. */
  async settle(withinSeconds: number): Promise<void> {
    for (const { inAir } of this.guests.values()) inAir.heal();
    await this.centre.until(
      () => [...this.guests.values()].every(({ wristband }) => wristband.device.waiting === 0),
      withinSeconds,
    );
    this.tally();
    for (const { wristband } of this.guests.values()) {
      const upto = this.publishedUpto.get(wristband.id) ?? 0;
      this.counts.lost += wristband.device.identity().acked - upto;
    }
  }

  /** Everybody leaves, and the gateway is closed. */
  async close(): Promise<void> {
    for (const guest of this.guests.values()) this.leave(guest);
    await this.centre.close();
    await this.clock.run(AFTERWARDS_MS);
  }

  /** Alarms of the gateway, its radio and everything in the air. */
  get timers(): number {
    return this.clock.pending;
  }

  /** Of all bands, also of those that are away. */
  get flashBytes(): number {
    const present = [...this.guests.values()].map(({ wristband }) => wristband.flash);
    const all = new Set([...this.flashes.values(), ...present]);
    return [...all].reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  get present(): number {
    return this.guests.size;
  }

  get count(): TownCounts {
    return this.counts;
  }

  private comeAndGo(): void {
    const { present } = this.options;
    const stay = (STAY.least + STAY.most) / 2;
    this.nextArrival += present / stay;
    for (; this.nextArrival >= 1; this.nextArrival--) this.arrive();
    this.nextTrouble--;
    if (this.nextTrouble <= 0) this.trouble();
  }

  private arrive(): void {
    const { random } = this;
    const number = random.below(this.options.bands);
    if (this.guests.has(number)) return;
    this.counts.arrivals++;
    const spot = { x: (random.next() - 0.5) * 30, y: (random.next() - 0.5) * 30 };
    const path = walkingBetween(spot, { x: -spot.x, y: spot.y }, 1);
    const observe = ({ event }: { readonly event: string }): void => {
      if (event === 'logged') this.counts.logged++;
    };
    const { inAir, wristband } = addWristband(
      this.centre.room.simulation,
      {
        ...issue(this.stock, number, this.centre.box.issuerKey),
        ...{ slots: SLOTS, flash: this.flashes.get(number), driftPpm: (random.next() - 0.5) * 100, observe },
      },
      { path },
    );
    const guest: Guest = { number, inAir, wristband, plans: [] };
    this.guests.set(number, guest);
    for (let i = random.below(RECORDS); i > 0; i--) this.log(wristband);
    if (random.next() < SHARE.fault) this.misbehave(inAir);
    const staysMs = (STAY.least + random.next() * (STAY.most - STAY.least)) * 1_000;
    const now = this.clock.now();
    if (random.next() < SHARE.press)
      this.later(now + random.next() * staysMs, guest, () => {
        wristband.press();
      });
    if (random.next() < SHARE.help)
      this.later(now + random.next() * staysMs, guest, () => {
        wristband.callForHelp();
      });
    this.later(now + staysMs, guest, () => {
      this.leave(guest);
    });
  }

  /** Does something with a guest, unless it has left by then. */
  private later(at: number, guest: Guest, action: () => void): void {
    guest.plans.push(this.clock.at(at, action));
  }

  private log(wristband: Wristband): void {
    const tag = this.random.below(TAGS);
    const proof = { kind: 'uid', uid: Uint8Array.of(NXP, 0, 0, 0, 0, tag >> 8, tag) } as const;
    wristband.log(KIND.punch, punchBody({ direction: 'in', service: SERVICE, proof }));
  }

  private misbehave(band: RadioBand): void {
    const name = RADIO_FAULT_NAMES[this.random.below(RADIO_FAULT_NAMES.length)];
    if (name !== undefined) band.misbehave(RADIO_FAULTS[name]);
  }

  private leave(guest: Guest): void {
    for (const cancel of guest.plans) cancel();
    this.centre.room.simulation.remove(guest.inAir);
    this.guests.delete(guest.number);
    this.flashes.set(guest.number, guest.wristband.flash);
  }

  private trouble(): void {
    const { room } = this.centre;
    this.nextTrouble = TROUBLE_EVERY;
    const kind = this.counts.troubles++ % 3;
    if (kind === 0) room.controller.fallSilent(SILENT_MS);
    else if (kind === 1) room.controller.reboot();
    else {
      room.unplug();
      this.clock.after(UNPLUGGED_MS, () => {
        room.plug();
      });
    }
  }

  /** Takes what was published since, and keeps none of it. */
  private tally(): void {
    const { box, room } = this.centre;
    for (const { device, logSeq } of box.events.splice(0)) {
      this.counts.published++;
      const upto = this.publishedUpto.get(device) ?? 0;
      if (logSeq <= upto) this.counts.duplicates++;
      else this.counts.lost += logSeq - upto - 1;
      this.publishedUpto.set(device, Math.max(upto, logSeq));
    }
    this.counts.quarantined += box.counted
      .splice(0)
      .filter((entry) => entry.startsWith('quarantined')).length;
    box.log.length = 0;
    room.sightings.length = 0;
    room.states.length = 0;
  }
}
