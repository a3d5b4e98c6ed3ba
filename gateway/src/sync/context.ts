/** What every session needs of the gateway around it. */
import type { GatewayClock, PolicyDocument, Timers } from '@timeband/protocol';
import type { Logger } from 'pino';
import type { Credentials } from '../config/index.js';
import type { Committer } from '../events/index.js';
import type { Visits } from '../ledger/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { Store } from '../store/index.js';
import type { KnownDeviceKeys } from '../verify/index.js';
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
  readonly committer: Pick<Committer, 'submit' | 'isOpen'>;
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
