/** A simulated reader whose firmware is to be replaced, in memory and on a clock that the test moves. */
import { generateKeyPairSync } from 'node:crypto';
import { LinkError, PrivateKey } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import {
  DEFAULT_SLOT,
  hardwareTlv,
  type Image,
  ImageKey,
  parseVersion,
  readImage,
  signImage,
  type SignOptions,
  type Target,
} from '@timeband/firmware-tools';
import {
  type BootOptions,
  createSimulatedReader,
  HARDWARE,
  memoryLink,
  type MemoryLink,
  type SimulatedReader,
  type SimulatedReaderOptions,
} from '@timeband/simulator';

const keys = generateKeyPairSync('ed25519');
export const signingKey = new ImageKey(keys.privateKey);
export const believedKey = keys.publicKey;
export const otherKey = new ImageKey(generateKeyPairSync('ed25519').privateKey);

export interface ImageChoice extends Partial<Omit<SignOptions, 'version'>> {
  readonly version?: string;
  readonly bytes?: number;
  readonly ailment?: 'hang' | 'crash' | 'sick';
}

/** The file of a signed image for the simulated reader, 2.0.0 unless told otherwise. */
export function imageFile({
  version = '2.0.0',
  bytes = 12_000,
  ailment,
  ...options
}: ImageChoice = {}): Uint8Array {
  const program = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) program[i] = (i * 7 + (i >> 8)) & 0xff;
  if (ailment !== undefined) program.write(`TIMEBAND-SIM-UNHEALTHY:${ailment}`, 64, 'latin1');
  return signImage(program, {
    ...{ key: signingKey, version: parseVersion(version), headerSize: 32, padHeader: true },
    ...{ slot: { ...DEFAULT_SLOT, size: 256 * 1_024 }, pad: false, confirm: false },
    ...{ dependencies: [], custom: [hardwareTlv(HARDWARE)], embedKey: false, sha: 'sha256', pure: false },
    ...options,
  });
}

export function makeImage(choice: ImageChoice = {}): Image {
  return readImage(imageFile(choice));
}

/** What breaks an update off, and when. */
export type Cut =
  /** The cable, before this packet to the device. */
  | { readonly what: 'cable'; readonly packet: number }
  | { readonly what: 'power'; readonly packet: number }
  /** The power, in the middle of writing flash. */
  | { readonly what: 'flash'; readonly bytes: number };

/** How long a cable is out. */
const OUT_MS = 700;

export class FirmwareBench {
  readonly timers = new ManualTimers();
  readonly device: SimulatedReader;
  readonly target: Target;
  packets = 0;
  cutsMade = 0;
  private isOut = false;
  private link: MemoryLink | undefined;
  private cuts: readonly Cut[] = [];

  constructor(boot: BootOptions = {}, options: Partial<SimulatedReaderOptions> = {}) {
    this.device = createSimulatedReader({
      ...{ site: 'dahaiyang', issuerKey: PrivateKey.generate(), timers: this.timers, slots: 48 },
      boot: { keys: [believedKey], slotBytes: 32 * 1_024, ...boot },
      ...options,
    });
    this.target = {
      ...{ transport: 'serial', name: 'bench', isUntrusted: false },
      open: () => Promise.resolve().then(() => this.open()),
    };
  }

  get machine() {
    const { machine } = this.device;
    if (machine === undefined) throw new Error('no machine');
    return machine;
  }

  /** One after the other. */
  cut(cuts: readonly Cut[]): void {
    this.cuts = cuts;
    this.arm();
  }

  /** Lets time pass until it has come about. */
  async until<Result>(promise: Promise<Result>): Promise<Result> {
    const state = { isOver: false };
    const over = (): void => {
      state.isOver = true;
    };
    promise.then(over, over);
    for (let i = 0; i < 100_000 && !state.isOver; i++) await this.timers.run(50);
    return promise;
  }

  private open(): MemoryLink {
    if (this.machine.mode === 'off') this.powerFailed();
    if (this.isOut) throw new LinkError('link/open', 'bench is not there');
    const link = memoryLink(this.device);
    this.link = link;
    return {
      name: 'bench',
      start: link.start,
      close: link.close,
      unplug: link.unplug,
      send: (packet) => {
        this.beforePacket();
        link.send(packet);
        if (this.machine.mode === 'off') this.powerFailed();
      },
    };
  }

  private beforePacket(): void {
    this.packets++;
    const [next] = this.cuts;
    if (next === undefined || next.what === 'flash' || this.packets < next.packet) return;
    if (next.what === 'power') this.machine.powerOff();
    this.unplug();
  }

  private powerFailed(): void {
    if (!this.isOut) this.unplug();
  }

  private unplug(): void {
    this.cutsMade++;
    this.isOut = true;
    this.cuts = this.cuts.slice(1);
    this.link?.unplug();
    this.timers.after(OUT_MS, () => {
      this.isOut = false;
      this.machine.powerOn();
      this.arm();
      this.packets = 0;
    });
  }

  private arm(): void {
    const [next] = this.cuts;
    if (next?.what === 'flash') this.machine.slots.flash.cutAfter(next.bytes);
  }
}
