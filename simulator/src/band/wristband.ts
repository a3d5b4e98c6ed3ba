/**
 * A wristband's firmware: the log that every device keeps, behind a radio link that nobody trusts, with a button, a
 * vibrator, a battery, and a clock that drifts (SPEC.md, Bluetooth LE, Session, A band at a gateway, Visit).
 */
import {
  type AdvertState,
  type AuthenticationKey,
  type Certificate,
  type Challenge,
  CATEGORY,
  CertificateError,
  decodePacket,
  COMMAND,
  deviceBody,
  DeviceKey,
  type DeviceParty,
  KIND,
  type PrivateKey,
  type PublicKey,
  punchBody,
  randomBytes,
  requestBody,
  SessionServer,
  signAnswer,
  SmpError,
} from '@timeband/protocol';
import { answering, type CommandSettings, deviceCommands } from '../firmware/commands.js';
import { type BootOptions, imageCommands, Machine } from '../firmware/boot/index.js';
import type { DeviceEvent } from '../firmware/device-event.js';
import { Device } from '../firmware/device.js';
import { FIRMWARE, type Origin } from '../firmware/device-options.js';
import { NorFlash } from '../firmware/flash.js';
import { Refusal } from '../firmware/refusal.js';
import { SmpServer } from '../firmware/server.js';
import { SLOTS_PER_SECTOR } from '../firmware/slot.js';
import { STATE_SECTORS } from '../firmware/state-page.js';
import type { BandAdvert, BandFirmware, BandRadio } from '../radio/band/firmware.js';
import type { Random } from '../random.js';
import { Advertiser } from './advertiser.js';
import { Battery } from './battery.js';
import { Button } from './button.js';
import { drifting } from './crystal.js';
import type { Vibration } from './vibrator.js';
import { type Confirmation, type VisitOutcome, Visits } from './visits.js';

export const BAND_HARDWARE = 'simulated-band';
const REQUEST_BYTES = 16;

/** Records that fit the flash unless told otherwise. */
export const DEFAULT_BAND_SLOTS = 64;
/** An M4 signs in about 17 ms, and has room for more than the least buffer. */
export const BAND_SETTINGS: CommandSettings = { bufferBytes: 1_024, bufferCount: 2, signMs: 20 };
/** Where images are sent to it, the next pieces of one come while the last is written. */
const BUFFERS_FOR_IMAGES = 4;
/** Nobody can restart a band whose radio does not work: an image that nobody confirmed is given up by itself. */
const TRIAL_MS = 60_000;
/** As Zephyr has it: time for the answer to leave, and for whoever asked to hang up. */
const RESET_MS = 250;

/** What a band does, for those who watch it. */
export type WristbandEvent =
  | DeviceEvent
  | { readonly event: 'vibrated'; readonly pattern: Vibration }
  | { readonly event: 'visit'; readonly outcome: VisitOutcome };

export interface WristbandOptions {
  readonly site: string;
  readonly id: string;
  /** A device key makes it a band that only MACs. */
  readonly key: PrivateKey | DeviceKey;
  /** The band's own, by its site's issuer. */
  readonly certificate: Uint8Array;
  readonly issuer: PublicKey;
  /** Identity resolving key, 16 bytes. */
  readonly irk: Uint8Array;
  readonly random: Random;
  /** Records that fit the flash, rounded up to whole sectors of 8. */
  readonly slots?: number | undefined;
  /** Flash of an earlier life, to go on from. */
  readonly flash?: NorFlash | undefined;
  /** Unix seconds of the real-time clock at first; unset without. */
  readonly wall?: number | undefined;
  /** Millionths by which its clock runs fast. */
  readonly driftPpm?: number | undefined;
  /** Per cent. */
  readonly battery?: number | undefined;
  readonly settings?: Partial<CommandSettings> | undefined;
  /** Its firmware is an image in flash that a bootloader starts, and can be replaced. */
  readonly boot?: BootOptions | undefined;
  /** How it came to its site. */
  readonly origin?: Origin | undefined;
  readonly observe?: ((event: WristbandEvent) => void) | undefined;
}

export class Wristband implements BandFirmware {
  readonly id: string;
  readonly flash: NorFlash;
  readonly device: Device;
  readonly button: Button;
  readonly maxPacketBytes: number;
  /** Where its firmware can be replaced. */
  readonly machine: Machine | undefined;
  private readonly server: SmpServer;
  private readonly guard: SessionServer;
  private readonly advertiser: Advertiser;
  private readonly battery: Battery;
  private readonly visits: Visits;
  /** Answers given in this start. */
  private answers = 0;
  /** The call for help that is not acknowledged yet. */
  private helpAt: number | undefined;

  /** Switches it on. @throws PowerCut */
  constructor(
    private readonly options: WristbandOptions,
    private readonly radio: BandRadio,
  ) {
    const { site, id, key, certificate, issuer, irk, random, slots = DEFAULT_BAND_SLOTS } = options;
    this.flash = options.flash ?? new NorFlash(STATE_SECTORS + Math.ceil(slots / SLOTS_PER_SECTOR));
    const timers = drifting(radio.timers, options.driftPpm ?? 0);
    const images = options.boot && { bufferCount: BUFFERS_FOR_IMAGES };
    const settings = { ...BAND_SETTINGS, ...images, ...options.settings };
    this.id = id;
    this.maxPacketBytes = settings.bufferBytes;
    // Before the log, which says at once that there is something in it.
    this.advertiser = new Advertiser({ irk, timers, random, state: () => this.says() });
    const machine = options.boot && this.makeMachine(options.boot);
    this.machine = machine;
    this.device = new Device({
      ...{ site, id, key, certificate, issuer, timers, wall: options.wall, hardware: BAND_HARDWARE },
      ...{ irk, origin: options.origin, firmware: () => machine?.firmware ?? FIRMWARE },
      peers: ['band'],
      flash: this.flash,
      observe: (event) => {
        this.observed(event);
      },
    });
    this.button = new Button(() => this.device.clock.uptime());
    this.battery = new Battery(timers, options.battery ?? 100);
    this.guard = new SessionServer({
      party: this.party(key),
      timers,
      onTimeout: radio.disconnect,
    });
    this.visits = new Visits({
      ...{ id, site, key, button: this.button, central: radio.central, timers },
      party: key instanceof DeviceKey ? undefined : { key, certificate, verify: this.verifyBand },
      peer: () => this.guard.peer,
      met: (peer) => {
        this.device.inbox.keepCertificate(peer);
      },
      log: (body) => {
        this.log(KIND.attest, body);
        this.vibrate('visit');
      },
    });
    this.server = new SmpServer({
      commands: [
        ...deviceCommands(this.device, settings, this.guard),
        answering(COMMAND.challenge, (challenge) => this.answer(challenge), settings.signMs),
        answering(COMMAND.meet, (asked) => this.visits.meet(asked)),
        answering(COMMAND.attest, (asked) => this.visits.attest(asked), settings.signMs),
        ...(machine === undefined ? [] : imageCommands(machine)),
      ],
      ...{ settings, timers, guard: this.guard, send: radio.send },
    });
  }

  /** The wearer presses the button: here I am, and I mean it. */
  press(): void {
    this.button.press();
    this.radio.wake();
  }

  /** The wearer holds the button down: a call for help, which is logged and shouted. @throws PowerCut */
  callForHelp(): void {
    const request = randomBytes(REQUEST_BYTES);
    const body = requestBody({
      request,
      phase: 'open',
      category: CATEGORY.help,
      urgency: 'urgent',
      level: 'grid',
    });
    const result = this.device.record(KIND.request, body, true);
    this.helpAt = 'logged' in result ? result.logged : this.helpAt;
    this.advertiser.help();
    this.radio.wake();
  }

  /** The wearer, whose button was pressed, begins to help whoever wears the band that is near. */
  async beginVisit(service: number): Promise<VisitOutcome> {
    this.press();
    return this.tell(await this.visits.begin(service));
  }

  async endVisit(confirmation?: Confirmation): Promise<VisitOutcome> {
    this.press();
    return this.tell(await this.visits.end(confirmation));
  }

  /** Logs a record of any kind, as an application on the band would. @throws PowerCut */
  log(kind: number, body: Parameters<Device['record']>[1]): void {
    this.device.record(kind, body);
    this.radio.wake();
  }

  readonly advert = (): BandAdvert | undefined => {
    if (this.machine !== undefined && this.machine.mode !== 'firmware') return undefined;
    const percent = this.battery.toLog();
    if (percent !== undefined) {
      this.device.record(KIND.device, deviceBody({ event: 'battery', percent }), true);
    }
    return this.advertiser.advert();
  };

  readonly received = (packet: Uint8Array): void => {
    const { machine } = this;
    if (machine === undefined) this.server.receive(packet);
    else if (machine.answers(groupOf(packet)))
      machine.guarded(() => {
        this.server.receive(packet);
      });
  };

  readonly connected = (): void => {
    this.guard.connected();
  };

  readonly disconnected = (): void => {
    this.guard.disconnected();
    this.server.reset();
    this.device.linkDropped();
  };

  /** The power is gone, for good: what comes after is another firmware on the same flash. */
  powerOff(): void {
    this.machine?.powerOff();
    this.disconnected();
  }

  readonly rebooted = (): void => {
    if (this.machine === undefined) this.startAnew();
    else this.machine.restart();
  };

  /** What was only in memory is lost. */
  private startAnew(): void {
    this.disconnected();
    this.button.release();
    this.visits.forgetAll();
    this.answers = 0;
    this.helpAt = undefined;
    this.advertiser.rotate();
    this.device.reboot();
  }

  readonly fillFlash = (): void => {
    const body = deviceBody({ event: 'battery', percent: this.battery.percent });
    while (!this.device.isFull) this.device.record(KIND.device, body);
    this.radio.wake();
  };

  private makeMachine(boot: BootOptions): Machine {
    const { radio } = this;
    let isNew = true;
    const machine = new Machine({
      ...{ trialMs: TRIAL_MS, resetMs: RESET_MS, ...boot, hardware: BAND_HARDWARE, timers: radio.timers },
      changed: (mode) => {
        if (isNew) return;
        if (mode === 'firmware') {
          this.startAnew();
          radio.wake();
        } else {
          radio.switchOff();
          this.server.reset();
        }
      },
    });
    isNew = false;
    return machine;
  }

  private says(): AdvertState {
    const { device } = this;
    return {
      help: this.helpAt !== undefined,
      pressed: this.button.isPressed,
      full: device.isFull,
      clockUnset: device.clock.time().quality === 'unset',
      battery: this.battery.percent,
      waiting: device.waiting,
    };
  }

  /** Answers a gateway's challenge, once a press, after it has logged it. @throws Refusal, PowerCut */
  private answer(challenge: Challenge): Uint8Array {
    const { what, nonce, challenger, service, direction } = challenge;
    if (this.guard.peer?.subject !== challenger) {
      throw new Refusal('notIntroduced', `${challenger} has not proven itself on this link`);
    }
    const sincePress = this.button.use();
    if (sincePress === undefined) throw new Refusal('notPressed', 'the button was not pressed');
    if (what === 'punch' && direction !== 'none') {
      const proof = { kind: 'own', nonce, challenger } as const;
      const result = this.device.record(KIND.punch, punchBody({ direction, service, proof }));
      if ('refused' in result) throw new Refusal('busy', 'there is no room for the record');
    }
    const { key, site } = this.options;
    return signAnswer(key, site, { ...challenge, counter: this.nextCounter(), sincePress });
  }

  /** Higher with every answer, and with every start, which is counted in flash. */
  private nextCounter(): number {
    return this.device.identity().boot * 0x1_0000 + ++this.answers;
  }

  private observed(event: DeviceEvent): void {
    const { observe } = this.options;
    observe?.(event);
    if (event.event === 'logged') this.advertiser.news();
    if (event.event === 'feedback') this.vibrate(event.outcome);
    if (event.event === 'acked' && this.helpAt !== undefined && event.upto >= this.helpAt) {
      this.helpAt = undefined;
      this.vibrate('helpHeard');
    }
  }

  private vibrate(pattern: Vibration): void {
    this.options.observe?.({ event: 'vibrated', pattern });
  }

  private tell(outcome: VisitOutcome): VisitOutcome {
    if (outcome.outcome === 'begun') this.vibrate('visit');
    if (outcome.outcome === 'failed') this.vibrate('refused');
    this.options.observe?.({ event: 'visit', outcome });
    return outcome;
  }

  private party(key: AuthenticationKey): DeviceParty {
    const { certificate } = this.options;
    const verify = (bytes: Uint8Array): Certificate => this.device.verifyPeer(bytes);
    return key instanceof DeviceKey
      ? { method: 'mutualMac', key }
      : { method: 'edhoc', key, certificate, verify };
  }

  private readonly verifyBand = (bytes: Uint8Array): Certificate => {
    const certificate = this.device.verifyPeer(bytes);
    if (certificate.role !== 'band') {
      throw new CertificateError('cert/role', `${certificate.subject} is no band`);
    }
    return certificate;
  };
}

function groupOf(packet: Uint8Array): number | undefined {
  try {
    return decodePacket(packet).group;
  } catch (error) {
    if (error instanceof SmpError) return undefined;
    throw error;
  }
}
