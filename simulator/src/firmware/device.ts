/**
 * What the firmware of readers and bands has in common: it logs, seals when asked, and forgets nothing before a certified
 * gateway of its own site has signed for it (SPEC.md, Log, Seal, Ack, Clock, Feedback). Pure: bytes and time are passed in.
 */
import {
  type CborMap,
  type Certificate,
  decodeRecord,
  deviceBody,
  DeviceKey,
  encodeRecord as encodePlainly,
  equalBytes,
  type FactoryReport,
  type Feedback,
  type HeldPolicy,
  type Identity,
  KIND,
  KID_BYTES,
  keyThumbprint,
  MAX_ID_LENGTH,
  type NewPunch,
  punchBody,
  randomBytes,
  readActivity,
  type Role,
  SALT_BYTES,
  signSeal,
  type SessionPeer,
  type Status,
} from '@timeband/protocol';
import { Activities, LEFT_OUT_SECTORS, LeftOutPage, shownActivity } from './activities/index.js';
import { DeviceClock } from './clock.js';
import type { TapResult } from './device-event.js';
import { DeviceLog } from './device-log.js';
import { type DeviceOptions, FIRMWARE, HARDWARE } from './device-options.js';
import { Display } from './display.js';
import { KnownGateways } from './gateways.js';
import { Inbox } from './inbox.js';
import { Refusal } from './refusal.js';
import { STATE_SECTORS } from './state-page.js';
import { TrustPage } from './trust-page.js';

/** Who may have a session with any device. */
const PEERS: readonly Role[] = ['gateway', 'technician'];

/** Records that a device makes of itself: a wipe may lose them. */
const OWN_KINDS: readonly number[] = [KIND.device, KIND.policy];

export class Device {
  readonly clock: DeviceClock;
  /** What gateways handed down. */
  readonly inbox: Inbox;
  private readonly gateways: KnownGateways;
  private log: DeviceLog;
  /** Held at a reader. */
  activities: Activities;
  private saidFull = false;
  private readonly display: Display;

  /** Switches it on. @throws PowerCut */
  constructor(private readonly options: DeviceOptions) {
    this.clock = new DeviceClock(options.timers, options.wall);
    this.display = new Display(options.timers);
    const { site, id, issuer, key, flash } = options;
    this.gateways = new KnownGateways({
      ...{ site, device: id, issuer, key, trust: new TrustPage(flash) },
      peers: [...PEERS, ...(options.peers ?? [])],
    });
    this.inbox = new Inbox({
      gateways: this.gateways,
      now: () => this.trustedNow(),
      log: (kind, body) => this.append(kind, body, false),
      own: {
        grant: (bytes) => {
          this.takeGrant(bytes);
        },
        wipe: (bytes) => {
          this.wipe(bytes);
        },
      },
    });
    this.log = this.mountLog();
    this.activities = this.findActivities();
    this.logStart();
  }

  /** Everything in memory is lost, everything in flash stays. @throws PowerCut */
  reboot(): void {
    this.clock.restart();
    this.gateways.forgetAll();
    this.inbox.forgetAll();
    this.display.forgetAll();
    this.saidFull = false;
    this.log = this.mountLog();
    this.activities = this.findActivities();
    this.logStart();
  }

  /** The cable was pulled, or the other side hung up. */
  linkDropped(): void {
    this.gateways.forgetIntroduction();
    this.inbox.forgetPieces();
  }

  /** A tag is held to the reader. @throws PowerCut */
  tap(punch: NewPunch): TapResult {
    const turnedAway = this.activities.refusal(punch);
    if (turnedAway !== undefined) {
      this.options.observe?.({ event: 'refused', reason: turnedAway, service: punch.service });
      return { refused: turnedAway };
    }
    return this.record(KIND.punch, punchBody(punch));
  }

  /**
   * Something of any kind is to be logged.
   * @param isUrgent a call for help, for which slots are kept
   * @throws PowerCut
   */
  record(kind: number, body: CborMap, isUrgent = false): TapResult {
    const seq = this.append(kind, body, isUrgent);
    if (seq === undefined) {
      if (!this.saidFull) this.append(KIND.device, deviceBody({ event: 'full' }), true);
      this.saidFull = true;
      this.options.observe?.({ event: 'refused', reason: 'full' });
      return { refused: 'full' };
    }
    this.display.tapped(seq);
    return { logged: seq };
  }

  get certificate(): Uint8Array {
    return this.options.certificate;
  }

  /** Records that are not acknowledged. */
  get waiting(): number {
    return this.log.head - this.log.acked;
  }

  /** Whether only help and device records can be taken. */
  get isFull(): boolean {
    return this.log.isFull;
  }

  factory(): FactoryReport {
    const { id, site, hardware, key, origin, irk } = this.options;
    return {
      ...{ state: 'provisioned', device: id, site, hardware: hardware ?? HARDWARE },
      firmware: this.firmware,
      ...{ serial: origin?.serial ?? `sim-${id}`.slice(0, MAX_ID_LENGTH), thumbprint: this.thumbprint },
      role: origin?.role ?? (irk === undefined ? 'reader' : 'band'),
      algorithms: origin?.algorithms ?? [key.algorithm],
    };
  }

  /** What it is recognised by on the radio. @throws Refusal `notAvailable` */
  resolvingKey(): Uint8Array {
    const { origin, irk = origin?.irk } = this.options;
    if (irk === undefined) throw new Refusal('notAvailable', 'no identity resolving key');
    return irk;
  }

  identity(): Identity {
    const { log, options } = this;
    return {
      device: options.id,
      firmware: this.firmware,
      hardware: options.hardware ?? HARDWARE,
      boot: log.boot,
      logId: log.logId,
      epoch: log.epoch,
      oldest: log.oldest,
      acked: log.acked,
      previous: log.previous,
    };
  }

  /** @param seen newest sequence number that the asker has */
  status(seen: number): Status {
    const { head, sealed, boot, isFull } = this.log;
    const newest = head > sealed && head > seen ? this.log.record(head) : undefined;
    return { head, sealed, boot, full: isFull, newest };
  }

  /**
   * Records from `from` on, at least one where there is one, then as many as `fits` allows.
   * @throws Refusal `notAvailable`
   */
  records(from: number, fits: (record: Uint8Array, taken: number) => boolean): Uint8Array[] {
    if (from < this.log.oldest) throw new Refusal('notAvailable', `record ${from} is no longer there`);
    const records: Uint8Array[] = [];
    for (let seq = from; seq <= this.log.head; seq++) {
      const record = this.log.record(seq);
      if (record === undefined || !fits(record, records.length)) break;
      records.push(record);
    }
    return records;
  }

  /** Signs for the records after the acknowledged ones, up to `upto`. @throws Refusal `notAvailable`, PowerCut */
  seal(nonce: Uint8Array, upto: number): Uint8Array {
    const { log, clock, options } = this;
    const hashLast = upto >= log.acked && upto <= log.head ? log.hash(upto) : undefined;
    const hashBefore = log.hash(log.acked);
    if (hashLast === undefined || hashBefore === undefined) {
      throw new Refusal('notAvailable', `the log runs from ${log.acked + 1} to ${log.head}`);
    }
    // Before the seal can be seen: after a power cut the device must know what it has signed for.
    log.sealUpto(upto);
    return signSeal(options.key, options.site, {
      logId: log.logId,
      first: log.acked + 1,
      last: upto,
      hashBefore,
      hashLast,
      nonce,
      boot: log.boot,
      uptime: clock.uptime(),
      time: clock.time(),
    });
  }

  /** Applies an ack, or refuses it and changes nothing. Returns what is acknowledged. @throws Refusal, PowerCut */
  ack(bytes: Uint8Array): number {
    const { log } = this;
    const ack = this.gateways.openAck(bytes, this.trustedNow());
    if (!equalBytes(ack.logId, log.logId)) throw new Refusal('notTrusted', 'an ack of another log');
    if (ack.upto > log.sealed) throw new Refusal('notSealed', `sealed up to ${log.sealed}, not ${ack.upto}`);
    if (ack.upto <= log.acked) return log.acked;
    const own = log.hash(ack.upto);
    if (own === undefined || !equalBytes(own, ack.hash)) {
      throw new Refusal('hashMismatch', `the log has another hash at ${ack.upto}`);
    }
    const records = ack.upto - log.acked;
    log.ackUpto(ack.upto);
    this.saidFull &&= log.isFull;
    this.options.observe?.({ event: 'acked', upto: ack.upto, records });
    return log.acked;
  }

  clockNonce(): Uint8Array {
    return this.gateways.nonce;
  }

  /** Takes a gateway's time, and with it the gateway as introduced. @throws Refusal, PowerCut */
  setClock(bytes: Uint8Array): void {
    const { wall } = this.gateways.openClock(bytes, this.trustedNow());
    const step = wall === undefined ? undefined : this.clock.set(wall);
    if (step !== undefined) this.append(KIND.device, deviceBody({ event: 'clockStep', ...step }), true);
  }

  /** Shows the feedback of a record, once. @throws Refusal `notIntroduced`, `notAvailable` */
  feedback(feedback: Feedback): void {
    const { seq } = feedback;
    if (!this.gateways.isIntroduced) throw new Refusal('notIntroduced', 'no clock document on this link yet');
    if (seq < 1 || seq > this.log.head) throw new Refusal('notAvailable', `record ${seq} was never logged`);
    const shown = this.display.show(feedback);
    if (shown === undefined) return;
    this.activities.heard(feedback);
    this.options.observe?.({ event: 'feedback', ...shown });
  }

  /** Takes a gateway's certificate. @throws Refusal `notTrusted` */
  hello(certificate: Uint8Array): void {
    this.gateways.present(certificate, this.trustedNow());
  }

  /** Checks the certificate of somebody who wants a session. @throws CertificateError */
  verifyPeer(certificate: Uint8Array): Certificate {
    return this.gateways.verifyPeer(certificate, this.trustedNow());
  }

  /** A session was opened: whoever is at its other end has proven itself. @throws Refusal, PowerCut */
  sessionOpened({ role, certificate }: SessionPeer): void {
    if (role === 'gateway') this.gateways.introduce(certificate?.bytes, this.trustedNow());
  }

  /** The policy documents that the device goes by. */
  policies(): readonly HeldPolicy[] {
    return this.gateways.policies;
  }

  /** The certificate of a key id: the device's own, or one that it was given. @throws Refusal `notAvailable` */
  certificateOf(kid: Uint8Array): Uint8Array {
    const isOwn = equalBytes(this.thumbprint.subarray(0, KID_BYTES), kid);
    const certificate = isOwn ? this.certificate : this.inbox.certificate(kid);
    if (certificate === undefined) throw new Refusal('notAvailable', 'no certificate of this key');
    return certificate;
  }

  /** The grant that it came by, again, changes nothing. @throws Refusal `provisioned` */
  private takeGrant(bytes: Uint8Array): void {
    const { origin } = this.options;
    if (origin !== undefined && equalBytes(bytes, origin.grant)) return;
    throw new Refusal('provisioned', 'it belongs to a site already');
  }

  /** Follows an order to forget. @throws Refusal `notTrusted`, `unacknowledged`, `notAvailable`, PowerCut */
  private wipe(bytes: Uint8Array): void {
    const { force } = this.gateways.openWipe(bytes, this.thumbprint, this.trustedNow());
    const { origin } = this.options;
    if (origin === undefined) throw new Refusal('notAvailable', 'it has no factory to go back to');
    if (!force && this.residentsWait) throw new Refusal('unacknowledged', 'records that nobody acknowledged');
    origin.forget();
  }

  /** Whether records wait that say something of residents. */
  private get residentsWait(): boolean {
    for (let seq = this.log.acked + 1; seq <= this.log.head; seq++) {
      const bytes = this.log.record(seq);
      if (bytes !== undefined && !OWN_KINDS.includes(decodeRecord(bytes).kind)) return true;
    }
    return false;
  }

  private get firmware(): string {
    return this.options.firmware?.() ?? FIRMWARE;
  }

  private get thumbprint(): Uint8Array {
    const { key } = this.options;
    return key instanceof DeviceKey ? key.thumbprint : keyThumbprint(key.publicKey);
  }

  private mountLog(): DeviceLog {
    const { site, id, flash } = this.options;
    flash.powerUp();
    return new DeviceLog(flash, { site, device: id, thumbprint: this.thumbprint });
  }

  /** What is open goes on, from what the log says. */
  private findActivities(): Activities {
    const { log, options } = this;
    const activities = new Activities(
      {
        page: new LeftOutPage(options.flash, STATE_SECTORS - LEFT_OUT_SECTORS),
        epoch: log.epoch,
        now: () => {
          const time = this.clock.time();
          return time.quality === 'unset' ? undefined : time.wall;
        },
        log: (body, ends) => this.append(KIND.activity, body, ends),
      },
      log.records(),
    );
    log.keep(activities.since);
    for (const { activity, attended } of activities.gathered)
      options.observe?.({ event: 'activity', ...shownActivity(activity, attended) });
    return activities;
  }

  private logStart(): void {
    const { epoch, lossToReport: lostFrom, keyToReport: earlier } = this.log;
    if (earlier !== undefined) this.append(KIND.device, deviceBody({ event: 'keyChanged', earlier }), true);
    if (lostFrom !== undefined) {
      this.append(KIND.device, deviceBody({ event: 'logOpened', lostFrom }), true);
      this.options.observe?.({ event: 'epoch', epoch, lostFrom });
    }
    this.append(KIND.device, deviceBody({ event: 'boot', firmware: this.firmware }), true);
  }

  private append(kind: number, body: CborMap, reserve: boolean): number | undefined {
    const { encodeRecord = encodePlainly, timers, observe } = this.options;
    const encodeAt = (seq: number): Uint8Array =>
      encodeRecord({
        kind,
        seq,
        boot: this.log.boot,
        uptime: this.clock.uptime(),
        time: this.clock.time(),
        salt: randomBytes(SALT_BYTES),
        body,
      });
    const seq = this.log.append(encodeAt, reserve);
    if (seq === undefined) return undefined;
    observe?.({ event: 'logged', seq, kind, at: timers.now() });
    if (kind === KIND.activity || kind === KIND.punch) {
      this.activities.take({ kind, seq, body });
      this.log.keep(this.activities.since);
    }
    if (kind === KIND.activity) {
      const activity = readActivity(body);
      observe?.({ event: 'activity', seq, ...shownActivity(activity, activity.attended ?? 0) });
    }
    return seq;
  }

  /** Unix seconds, where the clock was set by a gateway: a free-running one must not lock gateways out. */
  private trustedNow(): number | undefined {
    const time = this.clock.time();
    return time.quality === 'set' ? time.wall : undefined;
  }
}
