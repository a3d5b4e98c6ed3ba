/** What every session needs of the gateway around it. */
import type { GatewayClock, PolicyDocument, SealedRecords, SealMoment, Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials } from '../config/index.js';
import type { Committer } from '../events/index.js';
import type { Kitchen } from '../kitchen/index.js';
import type { Ledger, Visits } from '../ledger/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { Store, StoredLog } from '../store/index.js';
import type { KnownDeviceKeys, VerifiedDevice } from '../verify/index.js';
import type { Assessor, Bands } from '../verify/index.js';
import type { Counters } from './faults.js';
import type { Poller } from './poller.js';

/** What devices are to go by. */
export interface PolicySource {
  /** Number of the site's revocation list, 0 while there is none. */
  readonly revocations: number;
  /** Grows whenever a document came into force; 0 while there is none. */
  readonly revision: number;
  /** Id of the site's primary gateway, where its issuer named one. */
  readonly primary?: string | undefined;
  /** What the site's issuer signed, of each type the newest. */
  readonly documents: readonly PolicyDocument[];
}

/** Receipts of events. */
export interface ReceiptSource {
  /** The number of the event of a device's record. */
  readonly find: (device: string, record: number) => Promise<number | undefined>;
  /** The portable receipt of an event. */
  readonly receipt: (seq: number) => Promise<Uint8Array | undefined>;
}

/** Checking in and out by the button of a band. */
export interface ButtonPunches {
  /** Number in the catalogue: for what. */
  readonly service: number;
  /** Where the gateway logs them. */
  readonly log: Pick<OwnLog, 'isOpen' | 'log'>;
}

/** A link that anybody can get at and others wait for. */
export interface LinkVisit {
  /** What it was for is done. */
  readonly settled: () => void;
  /** The device's button was pressed, says the advert on which we came: a hint. */
  readonly isPressed: boolean;
  /** More devices wait than there are connections: nothing is done that can wait. */
  readonly isCrowded?: boolean;
}

/** A log that is read for another gateway. */
export interface ForwardedPlace extends StoredLog {
  /** The other one asked for it again from here, whoever has acknowledged it. */
  readonly rewound: boolean;
}

/** Where records go that another gateway of the site counts (SPEC.md, Forward). */
export interface Forwarding {
  /** Whether there is room, and the disk takes it: where not, records are left with their devices. */
  readonly isOpen: boolean;
  readonly find: (logId: Uint8Array) => ForwardedPlace | undefined;
  /** Reading begins, or goes on, after `base`. */
  readonly open: (
    device: VerifiedDevice,
    start: { readonly base: number; readonly hash: Uint8Array },
  ) => ForwardedPlace;
  /** Keeps sealed records durably for the other gateway. @throws StoreFault */
  readonly keep: (batch: ForwardedBatch) => StoredLog;
  readonly markForked: (log: number) => void;
  /** Grows whenever a log has to be read again from an earlier place. */
  readonly rewinds: number;
  /** The newest ack that the other gateway sent for a log. */
  readonly ackOf: (log: number) => RelayedAck | undefined;
}

export interface ForwardedBatch {
  readonly log: StoredLog;
  readonly sealed: SealedRecords;
  readonly moment: SealMoment;
  /** Lowest number that the device can still be asked for. */
  readonly oldest: number;
}

export interface RelayedAck {
  readonly upto: number;
  readonly bytes: Uint8Array;
  /** Of the gateway that signed it. */
  readonly certificate: Uint8Array;
}

export interface SyncContext {
  readonly site: string;
  readonly gateway: string;
  readonly credentials: Credentials;
  /** Keys of the site's devices that only MAC. */
  readonly deviceKeys: KnownDeviceKeys;
  /** The policy in force. */
  readonly policies: PolicySource;
  /** Without it bands get no receipts. */
  readonly receipts?: ReceiptSource | undefined;
  readonly store: Store;
  readonly assessor: Assessor;
  readonly bands: Pick<Bands, 'knows' | 'meet'>;
  readonly visits: Visits;
  /** Without it a collected meal is shown as queued. */
  readonly kitchen?: Pick<Kitchen, 'preview'> | undefined;
  /** Without it a redemption is shown as queued. */
  readonly ledger?: Pick<Ledger, 'previewRedemption'> | undefined;
  readonly committer: Pick<Committer, 'submit' | 'isOpen'>;
  /** Without it records stay with their devices while another gateway is the primary. */
  readonly forward?: Forwarding | undefined;
  /** The database was restored: what devices hold for acknowledged is read again, as far as it is not here. */
  readonly isRestored?: boolean;
  readonly poller: Poller;
  readonly timers: Timers;
  /** Unix seconds, with fractions. */
  readonly wallClock: () => number;
  /** The same clock, and whether it may be gone by. */
  readonly clock: GatewayClock;
  readonly counters: Counters;
  /** Is told the milliseconds from reading the first of some records to having them on disk. */
  readonly synced?: ((ms: number) => void) | undefined;
  readonly log: Logger;
  /** Records under one seal while a backlog is read. */
  readonly sealRecords?: number;
  /** With it there is nothing without a session, and no longer than needed. */
  readonly visit?: LinkVisit;
  /** Without it a press of a button only fetches a band's log. */
  readonly buttonPunches?: ButtonPunches | undefined;
}
