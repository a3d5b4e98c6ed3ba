/**
 * A whole simulated reader behind a serial line: firmware, SMP server, framing, and the behaviours that make it
 * misbehave. Bytes go in by `receive` and come out by the line it is connected to.
 */
import {
  type Certificate,
  decodePacket,
  Deframer,
  DeviceKey,
  encodeFrame,
  encodePacket,
  encodeRecord,
  MIN_SESSION_BUFFER_BYTES,
  PrivateKey,
  type PublicKey,
  SessionServer,
  SmpError,
  type SmpPacket,
  systemTimers,
  type Timers,
  type AuthenticationKey,
  type DeviceParty,
} from '@timeband/protocol';
import { BREAKS, type BreakName } from './breaks/index.js';
import { certify } from './certify.js';
import {
  Behaviours,
  delayed,
  type FaultChoice,
  type FaultContext,
  FAULTS,
  type LineWrite,
} from './faults/index.js';
import { type CommandSettings, deviceCommands, osCommands } from './firmware/commands.js';
import {
  type BootOptions,
  imageCommands,
  Machine,
  type MachineMode,
  recoveryCommands,
} from './firmware/boot/index.js';
import { NorFlash } from './firmware/flash.js';
import type { DeviceEvent } from './firmware/device-event.js';
import { Device } from './firmware/device.js';
import { FIRMWARE, HARDWARE, type Origin } from './firmware/device-options.js';
import { DEFAULT_SETTINGS, SmpServer } from './firmware/server.js';
import { SLOTS_PER_SECTOR } from './firmware/slot.js';
import { STATE_SECTORS } from './firmware/state-page.js';
import { seededRandom } from './random.js';
import { splitLines } from './uart/pacing.js';

/** Records that fit the flash unless told otherwise. */
export const DEFAULT_SLOTS = 1_024;

/** Longest packet taken off the line. The server has smaller buffers; this bounds what the framing holds. */
const MAX_PACKET_BYTES = 4_096;

export interface SimulatedReaderOptions {
  readonly site: string;
  /** The site's issuer: the simulator certifies its readers itself. Not needed where a technician did. */
  readonly issuerKey?: PrivateKey;
  /** Certificate and issuer of a reader that a technician provisioned. */
  readonly issued?: { readonly certificate: Uint8Array; readonly issuer: PublicKey };
  /** How it came to its site. */
  readonly origin?: Origin;
  readonly id?: string;
  /** What it is certified as; a reader unless told otherwise. */
  readonly role?: 'reader' | 'band';
  /** A device key makes it a reader that only MACs. */
  readonly key?: PrivateKey | DeviceKey;
  readonly timers?: Timers;
  /** Slots of flash for records, rounded up to whole sectors of 8. */
  readonly slots?: number;
  /** Flash of an earlier reader, to go on from. */
  readonly flash?: NorFlash;
  readonly settings?: Partial<CommandSettings>;
  /** Unix seconds of the real-time clock at first; unset without. */
  readonly wall?: number;
  readonly seed?: string;
  /** The link is one that anybody can get at: nothing but a session opens the reader. */
  readonly untrustedLink?: boolean;
  /** Its firmware is an image in flash that a bootloader starts, and can be replaced. */
  readonly boot?: BootOptions | undefined;
  readonly observe?: (event: DeviceEvent) => void;
}

export class SimulatedReader {
  readonly id: string;
  readonly site: string;
  readonly timers: Timers;
  readonly flash: NorFlash;
  readonly reader: Device;
  readonly server: SmpServer;
  /** Where its firmware can be replaced. */
  readonly machine: Machine | undefined;
  /** What answers in serial recovery. */
  private readonly recovery: SmpServer | undefined;
  private readonly guard: SessionServer | undefined;
  private readonly behaviours = new Behaviours();
  private readonly deframer: Deframer;
  private readonly context: FaultContext;
  private readonly delayedWrites = new Set<() => void>();
  private writeLine: ((bytes: Uint8Array) => void) | undefined;
  private afterAnswer: (() => void) | undefined;

  constructor(options: SimulatedReaderOptions) {
    // Without an issuer of its own it can still misbehave as a stranger would.
    const {
      site,
      issuerKey = PrivateKey.generate(),
      id = 'reader-1',
      key = PrivateKey.generate(),
      timers = systemTimers,
    } = options;
    const bufferBytes =
      options.untrustedLink === true ? MIN_SESSION_BUFFER_BYTES : DEFAULT_SETTINGS.bufferBytes;
    const settings = { ...DEFAULT_SETTINGS, bufferBytes, ...options.settings };
    const certifiedKey = key instanceof DeviceKey ? key : key.publicKey;
    const { certificate, issuer } = options.issued ?? {
      certificate: certify(issuerKey, site, id, certifiedKey, options.role),
      issuer: issuerKey.publicKey,
    };
    this.id = id;
    this.site = site;
    this.timers = timers;
    this.flash =
      options.flash ??
      new NorFlash(STATE_SECTORS + Math.ceil((options.slots ?? DEFAULT_SLOTS) / SLOTS_PER_SECTOR));
    this.machine = options.boot && this.makeMachine(options.boot);
    this.reader = new Device({
      site,
      id,
      key,
      certificate,
      issuer,
      origin: options.origin,
      firmware: () => this.firmwareName,
      flash: this.flash,
      timers,
      wall: options.wall,
      encodeRecord: (record) => this.behaviours.record(encodeRecord(record)),
      observe: (event) => {
        if (event.event === 'acked') this.afterAnswer = this.behaviours.acked();
        options.observe?.(event);
      },
    });
    if (options.untrustedLink === true) this.guard = this.makeGuard(key, certificate);
    const { machine, guard } = this;
    this.recovery = machine && this.makeRecovery(machine, settings);
    this.server = new SmpServer({
      commands: [
        ...deviceCommands(this.reader, settings, this.guard),
        ...(machine === undefined ? [] : imageCommands(machine)),
      ],
      settings,
      timers,
      guard: guard && {
        admit: (request) => this.behaviours.admit(request, guard.admit(request), guard.peer !== undefined),
      },
      send: (answer) => {
        this.send(answer);
      },
    });
    const random = seededRandom(`${options.seed ?? ''}/${id}/faults`);
    this.context = { site, key, issuer, reader: this.reader, flash: this.flash, issuerKey, random };
    this.deframer = new Deframer(
      {
        packet: (packet) => {
          this.request(packet);
        },
        fault: () => undefined, // a device says nothing to broken frames: the asker's time-out tells
      },
      MAX_PACKET_BYTES,
    );
  }

  /** Bytes that arrived over the line. */
  receive(received: Uint8Array): void {
    const bytes = this.behaviours.line(received);
    if (this.machine === undefined) this.deframer.push(bytes);
    else
      this.machine.guarded(() => {
        this.deframer.push(bytes);
      });
  }

  /** Says where bytes go that leave over the line. One line at a time; without one they are lost. */
  connect(write: (bytes: Uint8Array) => void): void {
    this.writeLine = write;
    this.guard?.connected();
  }

  /** The other side is gone. */
  disconnect(): void {
    this.writeLine = undefined;
    this.server.reset();
    this.guard?.disconnected();
    this.forgetDelayedWrites();
    this.reader.linkDropped();
  }

  /** The power button: what was only in memory is lost. */
  reboot(): void {
    if (this.machine !== undefined) {
      this.machine.restart();
      return;
    }
    this.stop();
    this.start();
  }

  /** The cable that powers it, or its battery, fails: it is silent until it has power again. */
  powerOff(): void {
    this.machine?.powerOff();
  }

  powerOn(): void {
    this.machine?.powerOn();
  }

  /** Makes the reader misbehave, on top of what it does already. */
  misbehave({ name, after }: FaultChoice): void {
    this.behaviours.prepend(delayed(FAULTS[name].create(this.context), after));
  }

  /** Takes something out of what it does right, for good. */
  break(name: BreakName): void {
    this.behaviours.prepend(BREAKS[name].create(this.context));
  }

  /** Ends all misbehaviour; what it did to the log stays. */
  heal(): void {
    this.behaviours.clear();
  }

  /**
   * A device that only MACs proves itself by the key it shares with its site. A wire cannot be hung up, so that a handshake
   * which takes too long is only forgotten.
   */
  private makeGuard(key: AuthenticationKey, certificate: Uint8Array): SessionServer {
    const verify = (bytes: Uint8Array): Certificate => this.reader.verifyPeer(bytes);
    const party: DeviceParty =
      key instanceof DeviceKey ? { method: 'mutualMac', key } : { method: 'edhoc', key, certificate, verify };
    return new SessionServer({ party, timers: this.timers });
  }

  private get firmwareName(): string {
    return this.machine?.firmware ?? FIRMWARE;
  }

  private start(): void {
    this.behaviours.powered();
    this.reader.reboot();
  }

  /** What was only in memory is lost. */
  private stop(): void {
    this.server.reset();
    this.recovery?.reset();
    this.guard?.disconnected();
    this.forgetDelayedWrites();
  }

  private makeMachine(boot: BootOptions): Machine {
    let isNew = true;
    const changed = (mode: MachineMode): void => {
      if (isNew) return;
      this.stop();
      if (mode === 'firmware') this.start();
    };
    const machine = new Machine({ ...boot, hardware: HARDWARE, timers: this.timers, changed });
    isNew = false;
    return machine;
  }

  private makeRecovery(machine: Machine, { bufferBytes }: CommandSettings): SmpServer {
    const settings = { bufferBytes, bufferCount: 1, signMs: 0 };
    return new SmpServer({
      commands: [...osCommands(settings), ...recoveryCommands(machine)],
      ...{ settings, timers: this.timers },
      send: (answer) => {
        this.send(answer);
      },
    });
  }

  private request(received: Uint8Array): void {
    const bytes = this.behaviours.packet(received);
    if (bytes === 'swallow') return;
    if (this.machine?.mode === 'recovery') {
      this.recovery?.receive(bytes);
      return;
    }
    const packet = readPacket(bytes);
    if (this.machine?.answers(packet?.group) === false) return;
    if (packet === undefined) {
      this.server.receive(bytes); // which counts it
      return;
    }
    const request = this.behaviours.request(packet);
    if (request !== 'swallow') this.server.receive(request === packet ? bytes : encodePacket(request));
  }

  private send(answer: Uint8Array): void {
    const frame = encodeFrame(encodePacket(this.behaviours.answer(decodePacket(answer))));
    const asFramed = (): readonly LineWrite[] => splitLines(frame).map((bytes) => ({ bytes }));
    const writes = this.behaviours.frame(frame) ?? asFramed();
    for (const { bytes, afterMs } of writes) {
      if (afterMs === undefined) this.writeLine?.(bytes);
      else this.writeLater(bytes, afterMs);
    }
    const action = this.afterAnswer;
    this.afterAnswer = undefined;
    action?.();
  }

  private writeLater(bytes: Uint8Array, ms: number): void {
    const cancel = this.timers.after(ms, () => {
      this.delayedWrites.delete(cancel);
      this.writeLine?.(bytes);
    });
    this.delayedWrites.add(cancel);
  }

  private forgetDelayedWrites(): void {
    for (const cancel of this.delayedWrites) cancel();
    this.delayedWrites.clear();
  }
}

/** A reader with its own key and a certificate of its site's issuer, switched on and connected to nothing. */
export function createSimulatedReader(options: SimulatedReaderOptions): SimulatedReader {
  return new SimulatedReader(options);
}

function readPacket(bytes: Uint8Array): SmpPacket | undefined {
  try {
    return decodePacket(bytes);
  } catch (error) {
    if (error instanceof SmpError) return undefined;
    throw error;
  }
}
