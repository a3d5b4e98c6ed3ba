/**
 * The life of a piece of hardware from the factory to its site and back, whatever it is reached by: what it is now follows from its
 * flash alone, so it can lose power at any byte that is written (SPEC.md, Provisioning).
 */
import {
  decodeRecord,
  DeviceKey,
  type FactoryState,
  KIND,
  openGrant,
  type OpenGrant,
  PrivateKey,
  type Timers,
} from '@timeband/protocol';
import type { CommandSettings } from '../firmware/commands.js';
import type { DeviceEvent } from '../firmware/device-event.js';
import type { Device } from '../firmware/device.js';
import type { Origin } from '../firmware/device-options.js';
import { NorFlash, PowerCut } from '../firmware/flash.js';
import { SmpServer } from '../firmware/server.js';
import { SLOTS_PER_SECTOR } from '../firmware/slot.js';
import { STATE_SECTORS } from '../firmware/state-page.js';
import { TrustPage } from '../firmware/trust-page.js';
import { algorithmsOf, BlankDevice, type Hardware } from './blank-device.js';
import { KeyStore } from './key-store.js';

export type FactoryEvent = DeviceEvent | { readonly event: 'state'; readonly state: FactoryState };

/** What its firmware starts from once it belongs to a site. */
export interface Belonging {
  readonly grant: OpenGrant;
  readonly key: PrivateKey | DeviceKey;
  readonly origin: Origin;
  readonly flash: NorFlash;
}

export interface FactoryLifeOptions<AtSite> extends Hardware {
  readonly timers: Timers;
  /** Records that its flash holds. */
  readonly slots: number;
  readonly settings: CommandSettings;
  readonly observe?: ((event: FactoryEvent) => void) | undefined;
  /** Puts an answer on its way that it gives before it belongs to a site. */
  readonly send: (answer: Uint8Array) => void;
  /** Starts the firmware of a site's device. @throws PowerCut */
  readonly begin: (belonging: Belonging) => { readonly atSite: AtSite; readonly device: Device };
  /** The power is gone. */
  readonly end: (atSite: AtSite) => void;
  /** Something else runs on it now. */
  readonly started?: () => void;
  /** It is to start anew, for what it is has changed; an answer is on its way. At once without. */
  readonly restartSoon?: (restart: () => void) => void;
}

/** What runs on it now. */
type Running<AtSite> =
  | { readonly state: 'blank'; readonly blank: BlankDevice; readonly server: SmpServer }
  | { readonly state: 'provisioned'; readonly atSite: AtSite }
  /** The power failed: nothing answers until it is switched on. */
  | { readonly state: 'off' };

export class FactoryLife<AtSite> {
  /** Flash of keys, and of records. */
  readonly keys: NorFlash;
  readonly flash: NorFlash;
  private running: Running<AtSite> = { state: 'off' };
  /** Once the answer is on its way. */
  private afterAnswer: (() => void) | undefined;
  /** What it is has changed, and it is about to start anew: it does nothing more. */
  private isEnding = false;
  private lastTold: FactoryState | undefined;

  constructor(private readonly options: FactoryLifeOptions<AtSite>) {
    this.flash = new NorFlash(STATE_SECTORS + Math.ceil(options.slots / SLOTS_PER_SECTOR));
    this.keys = new KeyStore().flash;
  }

  get state(): FactoryState | 'off' {
    const { running } = this;
    if (running.state !== 'blank') return running.state;
    return new KeyStore(this.keys).key === undefined ? 'blank' : 'keyed';
  }

  /** What it is at its site, while it belongs to one. */
  get atSite(): AtSite | undefined {
    return this.running.state === 'provisioned' ? this.running.atSite : undefined;
  }

  /** Takes a whole packet, while it belongs to no site. */
  receive(packet: Uint8Array): void {
    if (this.running.state === 'blank' && !this.isEnding) this.running.server.receive(packet);
  }

  /** Whoever spoke with it is gone. */
  forgetLink(): void {
    if (this.running.state === 'blank') this.running.blank.forgetPieces();
  }

  /** The power fails, whatever it is doing. */
  powerDown(): void {
    const { running } = this;
    this.afterAnswer = undefined;
    this.isEnding = false;
    this.running = { state: 'off' };
    if (running.state === 'provisioned') this.options.end(running.atSite);
    if (running.state === 'blank') running.server.reset();
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
      this.options.started?.();
      this.tell();
    });
  }

  /** An answer has left: what it brings about happens now. */
  answered(): void {
    const action = this.afterAnswer;
    this.afterAnswer = undefined;
    action?.();
  }

  /** Does something that writes flash; where the power fails meanwhile, it is off. */
  survive(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.powerDown();
    }
  }

  private startBlank(store: KeyStore): Running<AtSite> {
    const { settings, timers, send } = this.options;
    const blank = new BlankDevice(this.options, store, this.restartAfterAnswer);
    const server = new SmpServer({
      ...{ commands: blank.commands(settings), settings, timers },
      send: (answer) => {
        send(answer);
        this.tell();
        this.answered();
      },
    });
    return { state: 'blank', blank, server };
  }

  private startAtSite(store: KeyStore, bytes: Uint8Array): Running<AtSite> {
    const { serial, role } = this.options;
    const grant = openGrant(bytes, { serial, thumbprint: undefined });
    if (!store.begun) new TrustPage(this.flash).given(grant.at);
    const { atSite, device } = this.options.begin({
      ...{ grant, key: keyOf(store, grant), flash: this.flash },
      origin: {
        ...{ serial, role, grant: bytes, irk: store.irk, algorithms: algorithmsOf(this.options) },
        forget: () => {
          store.beginWipe();
          this.restartAfterAnswer();
        },
      },
    });
    if (!store.begun) takeWhatCame(device, grant, store);
    return { state: 'provisioned', atSite };
  }

  /** @throws PowerCut */
  private forget(store: KeyStore): void {
    for (let sector = 0; sector < this.flash.sectors; sector++) this.flash.erase(sector);
    store.endWipe();
  }

  private readonly restartAfterAnswer = (): void => {
    this.isEnding = true;
    this.afterAnswer = () => {
      const { running } = this;
      const restart = (): void => {
        if (this.running !== running) return; // the power failed meanwhile
        this.powerDown();
        this.powerUp();
      };
      if (this.options.restartSoon === undefined) restart();
      else this.options.restartSoon(restart);
    };
  };

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

/** What comes with the grant: the enrolment as the first thing logged, policy. @throws PowerCut */
function takeWhatCame(device: Device, { enrolment, policies = [] }: OpenGrant, store: KeyStore): void {
  const { head } = device.status(0);
  const logged = device.records(1, () => true).map((bytes) => decodeRecord(bytes).kind);
  if (enrolment !== undefined && !(head > 0 && logged.includes(KIND.enrol))) {
    device.record(KIND.enrol, enrolment);
  }
  for (const policy of policies) device.inbox.takePolicy(policy);
  store.keep({ begun: true });
}
