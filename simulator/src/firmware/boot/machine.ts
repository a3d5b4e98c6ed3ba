/** Power, resets and the watchdog of a device: what runs on it now, firmware or bootloader, if anything. */
import type { KeyObject } from 'node:crypto';
import { TIMEBAND_GROUP, type Timers } from '@timeband/protocol';
import { type NorFlash, PowerCut } from '../flash.js';
import { type BootloaderOptions, startUp } from './bootloader.js';
import { factoryImage, readSlotImage, type SlotImage } from './image.js';
import { type FlashTiming, sectorsFor } from './image-commands.js';
import { ImageSlots, PRIMARY } from './slots.js';

export interface BootOptions {
  /** Whose images the bootloader takes, public; without any it asks for no signature. */
  readonly keys?: readonly KeyObject[] | undefined;
  /** The image that it comes with; one of version 1.0.0 without. */
  readonly factory?: Uint8Array | undefined;
  /** Bytes of an image at most, rounded up to whole sectors. */
  readonly slotBytes?: number | undefined;
  /** Flash of an earlier life, to go on from. */
  readonly flash?: NorFlash | undefined;
  readonly timing?: Partial<FlashTiming> | undefined;
  /** Milliseconds from the answer to a reset command until it happens: the answer has to leave first. */
  readonly resetMs?: number | undefined;
  /** Milliseconds from a reset to the first answer, and those of a swap on top. */
  readonly startMs?: number | undefined;
  readonly swapMs?: number | undefined;
  /**
   * Milliseconds after which an image on trial that nobody confirmed is given up, by starting anew. Never without: whoever has a
   * line to the device can restart it.
   */
  readonly trialMs?: number | undefined;
  /** Stay in serial recovery at the first start, as with its button held down. */
  readonly recovery?: boolean | undefined;
}

/** A device is silent in every mode but `firmware` and `recovery`. */
export type MachineMode = 'off' | 'starting' | 'firmware' | 'hung' | 'recovery';

export const DEFAULT_SLOT_BYTES = 256 * 1_024;
const START_MS = 50;
const SWAP_MS = 500;
const RESET_MS = 20;
/** Firmware that does not feed it is started anew. */
const WATCHDOG_MS = 2_000;
const CRASH_MS = 50;

export interface MachineOptions extends BootOptions {
  readonly hardware: string;
  readonly timers: Timers;
  /** Something else runs now, or nothing. What was in memory is lost. */
  readonly changed: (mode: MachineMode) => void;
}

export class Machine {
  mode: MachineMode = 'off';
  readonly bootloader: BootloaderOptions;
  readonly timing: FlashTiming;
  /** Starts so far. */
  starts = 0;
  private running: SlotImage | undefined;
  private wantsRecovery: boolean;
  private cancelTimer: () => void = () => undefined;

  /** Switches it on; it is up at once. @throws PowerCut never: nothing was cut yet */
  constructor(private readonly options: MachineOptions) {
    const { keys = [], factory = factoryImage('1.0.0'), flash, timing, hardware } = options;
    const slots = new ImageSlots(sectorsFor(options.slotBytes ?? DEFAULT_SLOT_BYTES), flash);
    const hash = readSlotImage(factory)?.hash;
    if (hash === undefined) throw new RangeError('the image it comes with is none');
    if (flash === undefined) slots.write(PRIMARY, 0, factory);
    this.bootloader = { slots, keys, hardware, factory: hash };
    this.timing = { eraseMs: 0, writeMs: 0, ...timing };
    this.wantsRecovery = options.recovery === true;
    this.start();
    this.cancelTimer();
    this.enter();
  }

  get slots(): ImageSlots {
    return this.bootloader.slots;
  }

  /** The image that runs. */
  get image(): SlotImage | undefined {
    return this.running;
  }

  /** As the firmware that runs calls itself. */
  get firmware(): string | undefined {
    return this.running && `sim-${this.running.version}`;
  }

  /** Whether its firmware answers requests of a group: one that came up sick has lost our own. */
  answers(group: number | undefined): boolean {
    return this.mode === 'firmware' && !(this.running?.ailment === 'sick' && group === TIMEBAND_GROUP);
  }

  /** Starts anew, soon: an answer is still on its way. */
  readonly reset = (): void => {
    this.cancelTimer();
    const { timers, resetMs = RESET_MS } = this.options;
    this.cancelTimer = timers.after(resetMs, () => {
      this.start();
    });
  };

  /** The power button. */
  restart(): void {
    this.powerOff();
    this.powerOn();
  }

  powerOff(): void {
    this.cancelTimer();
    this.running = undefined;
    this.become('off');
  }

  powerOn(): void {
    if (this.mode !== 'off') return;
    this.slots.flash.powerUp();
    this.start();
  }

  /** At the next start it stays in serial recovery. */
  holdRecovery(): void {
    this.wantsRecovery = true;
  }

  /** Does something that writes flash; where the power fails meanwhile, it is off. */
  guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.powerOff();
    }
  }

  private start(): void {
    this.starts++;
    this.running = undefined;
    this.become('starting');
    this.guarded(() => {
      const result = startUp(this.bootloader);
      this.running = result.runs === 'firmware' ? result.image : undefined;
      const { startMs = START_MS, swapMs = SWAP_MS, timers } = this.options;
      const swapped = result.runs === 'firmware' && result.swapped;
      this.cancelTimer = timers.after(startMs + (swapped ? swapMs : 0), () => {
        this.enter();
      });
    });
  }

  private enter(): void {
    if (this.running === undefined || this.wantsRecovery) {
      this.wantsRecovery = false;
      this.become('recovery');
      return;
    }
    const { ailment } = this.running;
    if (ailment === 'hang' || ailment === 'crash') {
      this.become('hung');
      this.cancelTimer = this.options.timers.after(ailment === 'hang' ? WATCHDOG_MS : CRASH_MS, () => {
        this.start();
      });
    } else {
      this.become('firmware');
      this.limitTrial();
    }
  }

  private limitTrial(): void {
    const { trialMs, timers } = this.options;
    if (trialMs === undefined || this.slots.isConfirmed) return;
    this.cancelTimer = timers.after(trialMs, () => {
      if (!this.slots.isConfirmed) this.start();
    });
  }

  private become(mode: MachineMode): void {
    this.mode = mode;
    this.options.changed(mode);
  }
}
