/** A piece of hardware on a line, from its factory to its site and back. */
import { Deframer, encodeFrame, type FactoryState, systemTimers, type Timers } from '@timeband/protocol';
import type { CommandSettings } from '../firmware/commands.js';
import type { NorFlash } from '../firmware/flash.js';
import { DEFAULT_SETTINGS } from '../firmware/server.js';
import { DEFAULT_SLOTS, SimulatedReader } from '../reader.js';
import type { LineDevice } from '../uart/line-device.js';
import type { Hardware } from './blank-device.js';
import { type Belonging, type FactoryEvent, FactoryLife } from './life.js';

export interface FactoryDeviceOptions extends Hardware {
  readonly timers?: Timers;
  /** Records that its flash holds. */
  readonly slots?: number;
  readonly settings?: Partial<CommandSettings>;
  readonly observe?: (event: FactoryEvent) => void;
}

export class FactoryDevice implements LineDevice {
  readonly timers: Timers;
  private readonly life: FactoryLife<SimulatedReader>;
  private write: ((bytes: Uint8Array) => void) | undefined;
  private readonly deframer: Deframer;
  private readonly settings: CommandSettings;

  constructor(private readonly options: FactoryDeviceOptions) {
    const { serial, role, macs, observe, slots = DEFAULT_SLOTS, timers = systemTimers } = options;
    this.timers = timers;
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    this.life = new FactoryLife<SimulatedReader>({
      ...{ serial, role, macs, timers, slots, observe, settings: this.settings },
      send: (answer) => {
        this.write?.(encodeFrame(answer));
      },
      begin: (belonging) => this.begin(belonging),
      end: (reader) => {
        reader.disconnect();
      },
      started: () => {
        this.reader?.connect(this.line);
      },
    });
    this.deframer = new Deframer({
      packet: (packet) => {
        this.life.receive(packet);
      },
      fault: () => undefined,
    });
    this.powerUp();
  }

  /** Of the hardware. */
  get id(): string {
    return this.options.serial;
  }

  get keys(): NorFlash {
    return this.life.keys;
  }

  get flash(): NorFlash {
    return this.life.flash;
  }

  get state(): FactoryState | 'off' {
    return this.life.state;
  }

  /** What it is at its site, while it belongs to one. */
  get reader(): SimulatedReader | undefined {
    return this.life.atSite;
  }

  readonly receive = (bytes: Uint8Array): void => {
    this.life.survive(() => {
      if (this.reader === undefined) this.deframer.push(bytes);
      else this.reader.receive(bytes);
    });
  };

  readonly connect = (write: (bytes: Uint8Array) => void): void => {
    this.write = write;
    this.reader?.connect(this.line);
  };

  readonly disconnect = (): void => {
    this.write = undefined;
    this.reader?.disconnect();
    this.life.forgetLink();
  };

  /** The power fails, whatever it is doing. */
  powerDown(): void {
    this.life.powerDown();
  }

  /** It starts from what flash holds. Does nothing while it is on. */
  powerUp(): void {
    this.life.powerUp();
  }

  private readonly line = (bytes: Uint8Array): void => {
    this.write?.(bytes);
    this.life.answered();
  };

  private begin({ grant, key, origin, flash }: Belonging) {
    const { site, device: id, certificate, issuer } = grant;
    const { observe } = this.options;
    const reader = new SimulatedReader({
      ...{ site, id, key, origin, flash, timers: this.timers, settings: this.settings, wall: grant.at },
      issued: { certificate, issuer: issuer.key },
      ...(observe && { observe }),
    });
    return { atSite: reader, device: reader.reader };
  }
}
