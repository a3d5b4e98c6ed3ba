/**
 * What was read for the primary, durable until it confirms, and bounded: when there is no room nothing more is read, and
 * records stay where they are safe, in their devices (SPEC.md, Forward).
 */
import type { Logger } from 'pino';
import { asStoreFault, type ForwardTables, type StoredLog } from '../store/index.js';
import type { Counters, ForwardedBatch, ForwardedPlace, Forwarding, RelayedAck } from '../sync/index.js';
import type { VerifiedDevice } from '../verify/index.js';
import { isVouched } from '@timeband/protocol';

export interface ForwardQueueOptions {
  readonly tables: ForwardTables;
  /** Whether the disk takes anything just now. */
  readonly storage: { readonly isOpen: boolean };
  readonly maxBytes: number;
  readonly counters: Counters;
  readonly log: Logger;
  /** Records of this log wait now. */
  readonly kept: (log: number) => void;
}

export class ForwardQueue implements Forwarding {
  private wasFull = false;
  rewinds = 0;

  constructor(private readonly options: ForwardQueueOptions) {}

  get isFull(): boolean {
    const { tables, maxBytes } = this.options;
    return tables.totals.bytes >= maxBytes;
  }

  get isOpen(): boolean {
    const { isFull } = this;
    if (isFull && !this.wasFull) {
      const { counters, log, maxBytes } = this.options;
      counters.count('forward/full');
      log.error(
        { code: 'forward/full', bytes: maxBytes },
        'ALARM: no more can wait for the primary gateway: records stay in their devices until it is back',
      );
    }
    this.wasFull = isFull;
    return !isFull && this.options.storage.isOpen;
  }

  readonly find = (logId: Uint8Array): ForwardedPlace | undefined => this.options.tables.find(logId);

  readonly open = (
    { identity, certificate, key }: VerifiedDevice,
    { base, hash }: { readonly base: number; readonly hash: Uint8Array },
  ): ForwardedPlace => {
    const { tables } = this.options;
    const { logId, device, epoch, previous, oldest } = identity;
    const known = tables.find(logId);
    if (known === undefined) {
      const about = { logId, device, epoch, previous, certificate: certificate.bytes };
      return tables.insert({ ...about, base, hash, vouched: isVouched(key) });
    }
    tables.place(known.key, base, hash, false);
    tables.hasFrom(known.key, oldest);
    return { ...known, head: base, hash, rewound: false };
  };

  readonly keep = ({ log, sealed, moment, oldest }: ForwardedBatch): StoredLog => {
    const { tables, kept } = this.options;
    const next = { ...log, head: sealed.records.at(-1)?.seq ?? log.head, hash: sealed.hash };
    if (sealed.records.length === 0) return next;
    try {
      tables.add(
        {
          ...{ log: log.key, first: log.head + 1, last: next.head, before: log.hash },
          ...{ oldest: Math.min(oldest, log.head + 1), seal: sealed.seal.bytes },
          ...{ asked: Math.floor(moment.asked), answered: Math.ceil(moment.answered) },
          records: sealed.records.map(({ bytes }) => bytes),
        },
        next,
      );
    } catch (error) {
      throw asStoreFault(error);
    }
    kept(log.key);
    return next;
  };

  readonly markForked = (log: number): void => {
    this.options.tables.markForked(log);
  };

  readonly ackOf = (log: number): RelayedAck | undefined => {
    const known = this.options.tables.get(log);
    if (known?.ack === undefined || known.ackCertificate === undefined) return undefined;
    return { upto: known.acked, bytes: known.ack, certificate: known.ackCertificate };
  };

  /** The primary lacks what comes after this place: devices are asked for it again. */
  rewind(log: number, upto: number, hash: Uint8Array): void {
    const { tables } = this.options;
    const known = tables.get(log);
    // Said again while the device is away, it is no news to anyone who is read just now.
    if (known?.rewound === true && known.head === upto) return;
    tables.place(log, upto, hash, true);
    this.rewinds++;
  }
}
