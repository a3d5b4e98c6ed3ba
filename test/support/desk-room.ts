/** A technician's desk with a radio, in virtual time: what bandctl does, noble as it ships, and bands around it. */
import { join } from 'node:path';
import { BleRadio, Desk, type OpenOptions } from '@timeband/firmware-tools';
import { type CertifiedParty, issueCertificate, PrivateKey, TrustStore } from '@timeband/protocol';
import type { BandKey } from '@timeband/radio';
import {
  addFactoryBand,
  addWristband,
  BandStock,
  type Controller,
  EventClock,
  type FactoryBand,
  type FactoryBandOptions,
  issue,
  MemoryPort,
  type RadioBand,
  RadioSimulation,
  seededRandom,
  type Wristband,
  type WristbandOptions,
} from '@timeband/simulator';
import { RoomPort } from './radio-room.js';

export const SITE = 'dahaiyang';
const START = 1_750_000_000;
const STEP_MS = 10;

/** @param issuer of the site */
export function technicianOf(issuer: PrivateKey, at = START): CertifiedParty {
  const key = PrivateKey.generate();
  const certificate = issueCertificate(issuer, {
    ...{ issuer: SITE, subject: 'tech-1', role: 'technician', site: SITE, key: key.publicKey },
    ...{ notBefore: at - 3_600, expires: at + 86_400 },
  });
  const trust = new TrustStore([issuer.publicKey]);
  return {
    key,
    certificate,
    verify: (bytes) => trust.verify(bytes, { roles: ['reader', 'band'], site: SITE }),
  };
}

export class DeskRoom {
  readonly issuerKey = PrivateKey.generate();
  readonly technician = technicianOf(this.issuerKey);
  readonly clock = new EventClock(START * 1_000);
  readonly simulation = new RadioSimulation({ clock: this.clock });
  readonly controller: Controller;
  readonly stock = new BandStock({ seed: 'desk', site: SITE });
  private readonly port: MemoryPort;
  private current: RoomPort | undefined;
  private isPlugged = true;
  private radios: BleRadio[] = [];
  private added = 0;

  constructor() {
    this.port = new MemoryPort(this.clock, this.simulation.controller());
    this.controller = this.port.controller;
  }

  /** The next band of the stock. */
  add(options: Partial<WristbandOptions> = {}): {
    readonly wristband: Wristband;
    readonly inAir: RadioBand;
    readonly key: BandKey;
  } {
    const issued = { ...issue(this.stock, this.added++, this.issuerKey), ...options };
    return {
      ...addWristband(this.simulation, issued),
      key: { device: issued.id, irk: issued.irk },
    };
  }

  /** One that comes from the factory. */
  blank(
    serial: string,
    options: Partial<FactoryBandOptions> = {},
  ): { readonly band: FactoryBand; readonly inAir: RadioBand } {
    return addFactoryBand(this.simulation, { serial, random: seededRandom(serial), ...options });
  }

  /** The site's desk, with a register in this folder. */
  desk(folder: string): Desk {
    const now = (): number => Math.floor(this.clock.now() / 1_000);
    const issuer = issueCertificate(this.issuerKey, {
      ...{ issuer: SITE, subject: SITE, role: 'issuer', site: SITE, key: this.issuerKey.publicKey },
      ...{ notBefore: now() - 3_600, expires: now() + 1e8 },
    });
    return new Desk({ issuerKey: this.issuerKey, issuer, register: join(folder, 'register.txt'), now });
  }

  /** A radio of bandctl's that knows these bands. */
  async radio(keys: readonly BandKey[] = []): Promise<BleRadio> {
    const radio = new BleRadio({ ...{ port: this.newPort, keys }, timers: this.clock });
    this.radios.push(radio);
    await this.during(radio.start());
    return radio;
  }

  get options(): OpenOptions {
    return { technician: this.technician, timers: this.clock };
  }

  readonly newPort = (): RoomPort => {
    this.current = new RoomPort(this.port, () => this.isPlugged);
    return this.current;
  };

  unplug(): void {
    this.isPlugged = false;
    this.controller.reboot();
    this.current?.unplugged();
  }

  plug(): void {
    this.isPlugged = true;
  }

  /** Moves time on until it has come about. */
  async during<Result>(promise: Promise<Result>, withinSeconds = 600): Promise<Result> {
    const progress = { isOver: false };
    const over = (): void => {
      progress.isOver = true;
    };
    promise.then(over, over);
    const end = this.clock.now() + withinSeconds * 1_000;
    while (!progress.isOver) {
      if (this.clock.now() >= end) throw new Error(`it has not come about after ${withinSeconds} s`);
      await this.clock.run(STEP_MS);
    }
    return promise;
  }

  async close(): Promise<void> {
    for (const radio of this.radios) await this.during(radio.close());
  }
}
