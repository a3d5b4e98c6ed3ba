/**
 * Reads a device's log, verified against its certificate and its own chain (SPEC.md, Log, Seal). It asks for records and
 * for seals, and changes nothing else: nothing is acknowledged, so nothing can be lost by it.
 */
import {
  call,
  COMMAND,
  type LogPosition,
  type ReceivedRecord,
  receiveRecord,
  RC,
  type Record,
  type Seal,
  SmpError,
  TimebandError,
  type TimeInterval,
  toHex,
  trustedTimes,
} from '@timeband/protocol';
import type { OpenDevice } from '../../target/index.js';
import type { CertificateInfo } from '../info.js';
import { askSeal, type FreshSeal, openSeal, type Proof, prove } from './seal-check.js';
import { readUnverifiedSeal } from './read-seal.js';
import { askSubject, type LogSubject, type SubjectOptions } from './subject.js';

/** Records under one seal: as many as are held in memory. */
const BATCH = 512;
/** Headers around records in one answer. */
const OVERHEAD_BYTES = 32;

export interface LogReaderOptions extends SubjectOptions {
  /** Number of the first record that is wanted; the oldest that is there without. */
  readonly from?: number | undefined;
  /** Only so many of the newest. */
  readonly newest?: number | undefined;
  /** Ask for no seals: a device that takes long to sign, or has none. */
  readonly isUnsealed?: boolean | undefined;
}

export interface LogHead {
  readonly device: string;
  readonly certificate: CertificateInfo;
  /** In hexadecimal. */
  readonly log: string;
  readonly epoch: number;
  readonly head: number;
  readonly acked: number;
  readonly oldest: number;
}

export interface LogEntry extends ReceivedRecord {
  /** When it happened, by this computer's clock, where a seal tells. */
  readonly when: TimeInterval | undefined;
  readonly proof: Proof;
}

export interface LogBatch {
  readonly entries: readonly LogEntry[];
  /** Of all of them together but those that are not tied to the seal. */
  readonly proof: Proof;
}

export class LogReader {
  private device: OpenDevice | undefined;
  private subject: LogSubject | undefined;
  private position: LogPosition | undefined;
  /** Number of the newest record that was read, whether it could be tied to a seal or not. */
  private read = 0;
  private shownFrom = 1;
  private floor: number | undefined;

  constructor(private readonly options: LogReaderOptions) {}

  /**
   * Begins with a device, or goes on after its link was lost. A log that is another one than before is read anew.
   * @throws SmpError, LinkError, CborError
   */
  async attach(device: OpenDevice): Promise<LogHead> {
    const { client, identity } = device;
    if (identity === undefined)
      throw new SmpError(
        'smp/device',
        'no log: its firmware is not of Timeband',
        {},
        { group: 0, rc: RC.notSupported },
      );
    const before = this.subject?.identity;
    this.device = device;
    this.subject = await askSubject(client, identity, this.options);
    const { head } = await this.status();
    const { acked, oldest, epoch } = identity;
    if (before === undefined || toHex(before.logId) !== toHex(identity.logId)) this.begin(head);
    return {
      ...{ device: identity.device, certificate: this.subject.certificate },
      ...{ log: toHex(identity.logId), epoch, head, acked, oldest },
    };
  }

  /** What is new since the last call, at most one seal's worth; undefined when nothing is. @throws SmpError, LinkError, CborError */
  async next(): Promise<LogBatch | undefined> {
    const { head } = await this.status();
    if (head <= this.read) return undefined;
    const { acked } = this.reading().subject.identity;
    const upto = Math.min(head, Math.max(this.read + BATCH, acked));
    const received = await this.records(this.read + 1, upto);
    const last = received.at(-1)?.seq;
    if (last === undefined) return undefined;
    const fresh = this.options.isUnsealed === true ? undefined : await this.seal(last);
    const batch = this.judge(received, fresh);
    this.read = last;
    return { ...batch, entries: batch.entries.filter(({ seq }) => seq >= this.shownFrom) };
  }

  private begin(head: number): void {
    const { genesis, identity } = this.reading().subject;
    const { from, newest } = this.options;
    const { oldest, acked, logId } = identity;
    this.shownFrom = Math.max(oldest, from ?? (newest === undefined ? oldest : head - newest + 1));
    // A chain is proven from its beginning, or from what was acknowledged, whose hash the seal says.
    const isWhole = oldest === 1 && this.shownFrom <= acked;
    this.read = isWhole ? 0 : Math.min(this.shownFrom - 1, Math.max(acked, oldest - 1));
    this.position = this.read === 0 && genesis !== undefined ? { logId, head: 0, hash: genesis } : undefined;
    this.floor = undefined;
  }

  private judge(received: readonly ReceivedRecord[], fresh: FreshSeal | TimebandError | undefined): LogBatch {
    if (fresh === undefined || fresh instanceof TimebandError) {
      const reason =
        fresh === undefined ? 'no seal was asked for' : `the device gave no seal: ${fresh.message}`;
      const proof: Proof = { verdict: 'unsealed', reason };
      return { proof, entries: received.map((one) => ({ ...one, when: undefined, proof })) };
    }
    const { subject } = this.reading();
    const position = this.position ?? anchorOf(fresh, subject);
    const tied = received.filter(({ seq }) => position !== undefined && seq > position.head);
    const { proof, hash } =
      position === undefined
        ? {
            proof: {
              verdict: 'refused',
              code: 'cbor/shape',
              reason: 'what the device gave is no seal',
            } as const,
            hash: undefined,
          }
        : prove(fresh, subject, position, tied);
    if (hash !== undefined) this.position = { logId: subject.identity.logId, head: fresh.upto, hash };
    const before: Proof = {
      verdict: 'unsealed',
      reason: 'acknowledged before, and no longer tied to the seal',
    };
    const times = this.times(received, fresh, proof);
    const entries = received.map((one, i) => ({
      ...one,
      when: times[i],
      proof: tied.includes(one) ? proof : before,
    }));
    return { entries, proof };
  }

  private times(
    received: readonly ReceivedRecord[],
    fresh: FreshSeal,
    proof: Proof,
  ): readonly (TimeInterval | undefined)[] {
    if (proof.verdict === 'refused') return [];
    const { boot, uptime }: Seal = readUnverifiedSeal(fresh.bytes);
    const moments = received.map(({ record }) =>
      record instanceof TimebandError ? undefined : momentOf(record),
    );
    const { intervals, floor } = trustedTimes(moments, { boot, uptime }, fresh.moment, { floor: this.floor });
    this.floor = floor;
    return intervals;
  }

  private async records(from: number, upto: number): Promise<ReceivedRecord[]> {
    const { device } = this.reading();
    const bytes = Math.max(352, device.parameters.bufferBytes - OVERHEAD_BYTES);
    const received: ReceivedRecord[] = [];
    for (let seq = from; seq <= upto;) {
      const answer = await call(device.client, COMMAND.records, { from: seq, bytes });
      if (answer.length === 0) break;
      for (const record of answer.slice(0, upto - seq + 1)) received.push(numbered(record, seq++));
    }
    return received;
  }

  /** A refusal is no end: the records are shown all the same. */
  private async seal(upto: number): Promise<FreshSeal | TimebandError> {
    const { device } = this.reading();
    try {
      return await askSeal(device.client, upto, this.options.now);
    } catch (error) {
      if (error instanceof SmpError && error.code === 'smp/device') return error;
      throw error;
    }
  }

  private status(): Promise<{ readonly head: number }> {
    return call(this.reading().device.client, COMMAND.status, { seen: 0xffff_ffff });
  }

  private reading(): { readonly device: OpenDevice; readonly subject: LogSubject } {
    const { device, subject } = this;
    if (device === undefined || subject === undefined) throw new Error('no device is attached');
    return { device, subject };
  }
}

/** Where a chain can be picked up whose beginning is gone: at what is acknowledged, by the seal's word. */
function anchorOf(fresh: FreshSeal, subject: LogSubject): LogPosition | undefined {
  try {
    const seal = openSeal(fresh, subject);
    return { logId: seal.logId, head: seal.first - 1, hash: seal.hashBefore };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return undefined;
  }
}

/** One that bears another number than its place is shown as such: the chain tells what it is worth. */
function numbered(bytes: Uint8Array, seq: number): ReceivedRecord {
  try {
    return receiveRecord(bytes, seq);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { seq, bytes, record: error };
  }
}

function momentOf({ boot, uptime }: Record): { readonly boot: number; readonly uptime: number } {
  return { boot, uptime };
}
