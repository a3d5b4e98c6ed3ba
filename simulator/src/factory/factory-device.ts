/**
 * A piece of hardware from the factory to its site and back: what it is now follows from its flash alone, so it can lose power at
 * any byte that is written (SPEC.md, Provisioning).
 */
import {
  decodeRecord,
  Deframer,
  DeviceKey,
  encodeFrame,
  type FactoryState,
  KIND,
  openGrant,
  type OpenGrant,
  PrivateKey,
  systemTimers,
  type Timers,
} from '@timeband/protocol';
import type { CommandSettings } from '../firmware/commands.js';
import type { DeviceEvent } from '../firmware/device.js';
import { NorFlash, PowerCut } from '../firmware/flash.js';
import { DEFAULT_SETTINGS, SmpServer } from '../firmware/server.js';
import { SLOTS_PER_SECTOR } from '../firmware/slot.js';
import { STATE_SECTORS } from '../firmware/state-page.js';
import { TrustPage } from '../firmware/trust-page.js';
import { DEFAULT_SLOTS, SimulatedReader } from '../reader.js';
import type { LineDevice } from '../uart/line-device.js';
import { algorithmsOf, BlankDevice, type Hardware } from './blank-device.js';
import { KeyStore } from './key-store.js';

export interface FactoryDeviceOptions extends Hardware {
  readonly timers?: Timers;
  /** Records that its flash holds. */
  readonly slots?: number;
  readonly settings?: Partial<CommandSettings>;
  readonly observe?: (event: FactoryEvent) => void;
}

export type FactoryEvent = DeviceEvent | { readonly event: 'state'; readonly state: FactoryState };

/** What runs on it now. */
type Running =
  | { readonly state: 'blank'; readonly blank: BlankDevice; readonly server: SmpServer }
  | { readonly state: 'provisioned'; readonly reader: SimulatedReader }
  /** The power failed: nothing answers until it is switched on. */
  | { readonly state: 'off' };

export class FactoryDevice implements LineDevice {
  readonly timers: Timers;
  /** Flash of keys, and of records. */
  readonly keys: NorFlash;
  readonly flash: NorFlash;
  private running: Running = { state: 'off' };
  private write: ((bytes: Uint8Array) => void) | undefined;
  private readonly deframer: Deframer;
  /** Once the answer is on its way. */
  private afterAnswer: (() => void) | undefined;
  private readonly settings: CommandSettings;

  constructor(private readonly options: FactoryDeviceOptions) {
    this.timers = options.timers ?? systemTimers;
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    const slots = Math.ceil((options.slots ?? DEFAULT_SLOTS) / SLOTS_PER_SECTOR);
    this.flash = new NorFlash(STATE_SECTORS + slots);
    this.keys = new KeyStore().flash;
    this.deframer = new Deframer({
      packet: (packet) => {
        if (this.running.state === 'blank') this.running.server.receive(packet);
      },
      fault: () => undefined,
    });
    this.powerUp();
  }

  /** Of the hardware. */
  get id(): string {
    return this.options.serial;
  }

  get state(): FactoryState | 'off' {
    const { running } = this;
    if (running.state !== 'blank') return running.state;
    return new KeyStore(this.keys).key === undefined ? 'blank' : 'keyed';
  }

  /** What it is at its site, while it belongs to one. */
  get reader(): SimulatedReader | undefined {
    return this.running.state === 'provisioned' ? this.running.reader : undefined;
  }

  readonly receive = (bytes: Uint8Array): void => {
    this.survive(() => {
      if (this.running.state === 'provisioned') this.running.reader.receive(bytes);
      else this.deframer.push(bytes);
    });
  };

  readonly connect = (write: (bytes: Uint8Array) => void): void => {
    this.write = write;
    this.reader?.connect(this.line);
  };

  readonly disconnect = (): void => {
    this.write = undefined;
    if (this.running.state === 'provisioned') this.running.reader.disconnect();
    if (this.running.state === 'blank') this.running.blank.forgetPieces();
  };

  /** The power fails, whatever it is doing. */
  powerDown(): void {
    if (this.running.state === 'provisioned') this.running.reader.disconnect();
    if (this.running.state === 'blank') this.running.server.reset();
    this.afterAnswer = undefined;
    this.running = { state: 'off' };
  }

  /** It starts from what flash holds. Does nothing while it is on. */
  powerUp(): void {
    if (this.running.state !== 'off') return;
    this.keys.powerUp();
    this.flash.powerUp();
    this.survive(() => {
      const store = new KeyStore(this.keys);
      if (store.wiping) this.forget(store);
      const { grant } = store;
      this.running = grant === undefined ? this.startBlank(store) : this.startAtSite(store, grant);
      this.reader?.connect(this.line);
      this.tell();
    });
  }

  private readonly line = (bytes: Uint8Array): void => {
    this.write?.(bytes);
    this.answered();
  };

  private startBlank(store: KeyStore): Running {
    const blank = new BlankDevice(this.options, store, () => {
      this.afterAnswer = () => {
        this.restart();
      };
    });
    const { settings, timers } = this;
    const server = new SmpServer({
      ...{ commands: blank.commands(settings), settings, timers },
      send: (answer) => {
        this.write?.(encodeFrame(answer));
        this.tell();
        this.answered();
      },
    });
    return { state: 'blank', blank, server };
  }

  private startAtSite(store: KeyStore, bytes: Uint8Array): Running {
    const { serial, role, observe } = this.options;
    const grant = openGrant(bytes, { serial, thumbprint: undefined });
    const { site, device: id, certificate, issuer } = grant;
    if (!store.begun) new TrustPage(this.flash).given(grant.at);
    const reader = new SimulatedReader({
      ...{ site, id, timers: this.timers, flash: this.flash, settings: this.settings, wall: grant.at },
      key: keyOf(store, grant),
      issued: { certificate, issuer: issuer.key },
      origin: {
        ...{ serial, role, grant: bytes, irk: store.irk, algorithms: algorithmsOf(this.options) },
        forget: () => {
          store.beginWipe();
          this.afterAnswer = () => {
            this.restart();
          };
        },
      },
      ...(observe && { observe }),
    });
    if (!store.begun) begin(reader, grant, store);
    return { state: 'provisioned', reader };
  }

  /** @throws PowerCut */
  private forget(store: KeyStore): void {
    for (let sector = 0; sector < this.flash.sectors; sector++) this.flash.erase(sector);
    store.endWipe();
  }

  private answered(): void {
    const action = this.afterAnswer;
    this.afterAnswer = undefined;
    action?.();
  }

  private restart(): void {
    this.powerDown();
    this.powerUp();
  }

  private survive(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.powerDown();
    }
  }

  private lastTold: FactoryState | undefined;

  private tell(): void {
    const { state } = this;
    if (state === 'off' || state === this.lastTold) return;
    this.lastTold = state;
    this.options.observe?.({ event: 'state', state });
  }
}

function keyOf({ key }: KeyStore, { site, device, deviceKey }: OpenGrant): PrivateKey | DeviceKey {
  if (deviceKey !== undefined) return new DeviceKey(site, device, deviceKey);
  if (key === undefined) throw new RangeError('a grant without a key');
  return PrivateKey.fromSecret(key.algorithm, key.secret);
}

/** What comes with the grant: the time floor, the enrolment as the first thing logged, policy. @throws PowerCut */
function begin({ reader }: SimulatedReader, { enrolment, policies = [] }: OpenGrant, store: KeyStore): void {
  const { head } = reader.status(0);
  const logged = reader.records(1, () => true).map((bytes) => decodeRecord(bytes).kind);
  if (enrolment !== undefined && !(head > 0 && logged.includes(KIND.enrol))) {
    reader.record(KIND.enrol, enrolment);
  }
  for (const policy of policies) reader.inbox.takePolicy(policy);
  store.keep({ begun: true });
}
