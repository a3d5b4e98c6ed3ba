/** A reader's firmware on the bench: its clock moved by the test, its log walked as a gateway would. */
import {
  chainHash,
  genesisHash,
  keyThumbprint,
  type NewPunch,
  PrivateKey,
  type Record as LogRecord,
  decodeRecord,
  readDevice,
  randomBytes,
  SEAL_NONCE_BYTES,
  verifySeal,
  type VerifiedSeal,
} from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { SimulatedReader, type SimulatedReaderOptions } from '../reader.js';
import type { DeviceEvent } from '../firmware/device-event.js';
import { SITE, TestGateway } from './gateway.js';

export const PUNCH: NewPunch = {
  direction: 'in',
  service: 201,
  proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) },
};

export class Bench {
  readonly issuerKey = PrivateKey.generate();
  readonly key = PrivateKey.generate();
  readonly timers = new ManualTimers();
  readonly events: DeviceEvent[] = [];
  readonly gateway = new TestGateway(this.issuerKey);
  readonly device: SimulatedReader;

  constructor(options: Partial<SimulatedReaderOptions> = {}) {
    this.device = new SimulatedReader({
      site: SITE,
      issuerKey: this.issuerKey,
      key: this.key,
      timers: this.timers,
      observe: (event) => this.events.push(event),
      ...options,
    });
  }

  get reader() {
    return this.device.reader;
  }

  /** Everything that can be read from `from` on. */
  records(from: number): Uint8Array[] {
    return this.reader.records(from, () => true);
  }

  decoded(from: number): LogRecord[] {
    return this.records(from).map(decodeRecord);
  }

  /** What the device records from `from` on say happened. */
  deviceEvents(from: number): string[] {
    return this.decoded(from)
      .filter((record) => record.kind !== 2)
      .map((record) => readDevice(record.body).event);
  }

  /** `h(upto)`, reckoned from the log's beginning as a gateway does. */
  hashAt(upto: number): Uint8Array {
    const { epoch, previous, device } = this.reader.identity();
    const thumbprint = keyThumbprint(this.key.publicKey);
    const genesis = genesisHash({ site: SITE, device, thumbprint, epoch, previous });
    return this.records(1).slice(0, upto).reduce(chainHash, genesis);
  }

  seal(upto: number): VerifiedSeal {
    const nonce = randomBytes(SEAL_NONCE_BYTES);
    return verifySeal(this.reader.seal(nonce, upto), this.key.publicKey, SITE);
  }

  /** Says hello, seals and acknowledges up to `upto`. */
  acknowledge(upto: number): void {
    this.reader.hello(this.gateway.certificate);
    const { hashLast } = this.seal(upto);
    this.reader.ack(this.gateway.ack(this.reader.identity().logId, upto, hashLast));
  }

  /** The gateway proves itself on this link, and sets the clock if it knows the time. */
  introduce(wall?: number): void {
    this.reader.hello(this.gateway.certificate);
    this.reader.setClock(this.gateway.clock(this.device.id, this.reader.clockNonce(), { wall }));
  }
}
