/** A wristband from its factory to its site and back, in the air (SPEC.md, Adverts, Provisioning). */
import { type FactoryState, MAX_ADVERT_NAME_BYTES, serverAdvertisingData } from '@timeband/protocol';
import { BAND_SETTINGS, DEFAULT_BAND_SLOTS, Wristband, type WristbandOptions } from '../band/wristband.js';
import type { NorFlash } from '../firmware/flash.js';
import { type Address, staticAddress } from '../radio/air/address.js';
import type { Band } from '../radio/band/band.js';
import type { BandAdvert, BandFirmware, BandRadio } from '../radio/band/firmware.js';
import type { AddedBand, RadioSimulation } from '../radio/simulation.js';
import { type Belonging, type FactoryEvent, FactoryLife } from './life.js';

export interface FactoryBandOptions extends Pick<
  WristbandOptions,
  'random' | 'slots' | 'settings' | 'boot' | 'battery' | 'driftPpm'
> {
  /** Of the hardware. */
  readonly serial: string;
  readonly observe?: ((event: FactoryEvent) => void) | undefined;
}

/** Nothing waits for it. */
const INTERVAL_MS = 1_000;
/** An answer has to leave the radio before it hangs up, and it hangs up before it starts anew. */
const HANG_UP_MS = 100;

export class FactoryBand implements BandFirmware {
  readonly maxPacketBytes: number;
  private readonly life: FactoryLife<Wristband>;
  private readonly address: Address;
  /** Flash of images, through all that it is. */
  private images: NorFlash | undefined;

  constructor(
    private readonly options: FactoryBandOptions,
    private readonly radio: BandRadio,
  ) {
    const { serial, slots = DEFAULT_BAND_SLOTS, observe } = options;
    const settings = { ...BAND_SETTINGS, ...options.settings };
    this.maxPacketBytes = settings.bufferBytes;
    this.address = staticAddress(options.random.bytes(6));
    this.life = new FactoryLife<Wristband>({
      ...{ serial, role: 'band', macs: false, timers: radio.timers, slots, settings, observe },
      send: radio.send,
      begin: (belonging) => this.begin(belonging),
      end: (wristband) => {
        wristband.powerOff();
      },
      started: () => {
        radio.wake();
      },
      restartSoon: (restart) => {
        radio.timers.after(HANG_UP_MS, radio.disconnect);
        radio.timers.after(2 * HANG_UP_MS, restart);
      },
    });
    this.life.powerUp();
  }

  get state(): FactoryState | 'off' {
    return this.life.state;
  }

  /** What it is at its site, while it belongs to one. */
  get wristband(): Wristband | undefined {
    return this.life.atSite;
  }

  readonly advert = (): BandAdvert | undefined => {
    const { wristband, address } = this;
    if (wristband !== undefined) return wristband.advert();
    if (this.life.state === 'off') return undefined;
    const data = serverAdvertisingData(this.options.serial.slice(-MAX_ADVERT_NAME_BYTES));
    return { address, data, isConnectable: true, intervalMs: INTERVAL_MS };
  };

  readonly received = (packet: Uint8Array): void => {
    this.life.survive(() => {
      if (this.wristband === undefined) this.life.receive(packet);
      else this.wristband.received(packet);
    });
  };

  readonly connected = (): void => {
    this.wristband?.connected();
  };

  readonly disconnected = (): void => {
    this.wristband?.disconnected();
    this.life.forgetLink();
  };

  readonly rebooted = (): void => {
    this.life.powerDown();
    this.life.powerUp();
  };

  private begin({ grant, key, origin, flash }: Belonging) {
    const { site, device: id, certificate, issuer } = grant;
    const { irk } = origin;
    if (irk === undefined) throw new RangeError('a band without a key to be known by');
    const radio: BandRadio = {
      ...this.radio,
      send: (packet) => {
        this.radio.send(packet);
        this.life.answered();
      },
    };
    const { boot, observe } = this.options;
    const wristband = new Wristband(
      {
        ...this.options,
        ...{ site, id, key, certificate, issuer: issuer.key, irk, origin, flash, wall: grant.at },
        boot: boot && { ...boot, flash: this.images ?? boot.flash },
        observe: (event) => {
          if (event.event !== 'vibrated' && event.event !== 'visit') observe?.(event);
        },
      },
      radio,
    );
    this.images = wristband.machine?.slots.flash;
    return { atSite: wristband, device: wristband.device };
  }
}

/** Switches a band from the factory on in an air. */
export function addFactoryBand(
  simulation: RadioSimulation,
  options: FactoryBandOptions,
  place: Omit<AddedBand, 'firmware' | 'name'> = {},
): { readonly inAir: Band; readonly band: FactoryBand } {
  const made: FactoryBand[] = [];
  const inAir = simulation.add({
    ...place,
    name: options.serial,
    firmware: (radio) => {
      const band = new FactoryBand(options, radio);
      made.push(band);
      return band;
    },
  });
  const [band] = made;
  if (band === undefined) throw new Error('a band without a firmware');
  return { inAir, band };
}
