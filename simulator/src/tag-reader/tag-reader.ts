/** Commodity readers as they behave on their line: what they say while tags are held to them, and how that goes wrong. */
import type { Timers } from '@timeband/protocol';
import type { LineDevice } from '../uart/line-device.js';
import { spoilt, type TagReaderFault } from './faults.js';
import { Pn532Chip } from './pn532-chip.js';
import { rdm6300Frame, type WedgeForm, wedgeLine } from './speech.js';

export const TAG_READER_KINDS = ['rdm6300', 'pn532', 'wedge'] as const;
export type TagReaderKind = (typeof TAG_READER_KINDS)[number];

export interface TagReaderOptions {
  readonly kind: TagReaderKind;
  readonly timers: Timers;
  /** Of a wedge. */
  readonly form?: WedgeForm;
}

/** An RDM6300 says a tag again so often while it is there. */
const REPEAT_MS = 65;

export class SimulatedTagReader implements LineDevice {
  readonly id: string;
  readonly timers: Timers;
  private write: (bytes: Uint8Array) => void = () => undefined;
  private cancelRepeat: () => void = () => undefined;
  private readonly faults: TagReaderFault[] = [];
  private readonly chip: Pn532Chip;

  constructor(private readonly options: TagReaderOptions) {
    this.id = options.kind;
    this.timers = options.timers;
    this.chip = new Pn532Chip((bytes) => {
      this.write(bytes);
    });
  }

  readonly receive = (bytes: Uint8Array): void => {
    if (this.options.kind === 'pn532') this.chip.receive(bytes);
  };

  readonly connect = (write: (bytes: Uint8Array) => void): void => {
    this.write = write;
  };

  readonly disconnect = (): void => {
    this.write = () => undefined;
    this.chip.reset();
  };

  /** Holds a tag there for so long. @throws RangeError for a tag that such a reader does not see */
  tap(uid: Uint8Array, heldMs = 300): void {
    const { kind, form = 'decimal' } = this.options;
    this.cancelRepeat();
    if (kind === 'wedge') {
      this.say(wedgeLine(uid, form));
      return;
    }
    const until = this.timers.now() + heldMs;
    if (kind === 'pn532') {
      this.chip.hold(uid);
      this.cancelRepeat = this.timers.after(heldMs, () => {
        this.chip.hold(undefined);
      });
      return;
    }
    const repeat = (): void => {
      this.say(rdm6300Frame(uid));
      if (this.timers.now() + REPEAT_MS < until) this.cancelRepeat = this.timers.after(REPEAT_MS, repeat);
    };
    repeat();
  }

  misbehave(fault: TagReaderFault): void {
    if (this.options.kind === 'pn532') this.chip.misbehave(fault);
    else this.faults.push(fault);
  }

  /** Nothing more by itself. */
  stop(): void {
    this.cancelRepeat();
  }

  private say(bytes: Uint8Array): void {
    this.write(spoilt(bytes, this.faults.shift()));
  }
}
