/** A gateway that runs, as the rest of the program sees it. */
import type { GatewayClock, Timers } from '@timeband/protocol';
import type { Broker, BrokerOptions } from '../broker/index.js';
import type { Config } from '../config/index.js';
import type { OwnLog } from '../own-log/index.js';
import type { Receipts } from '../receipts/index.js';
import type { Store } from '../store/index.js';
import type { Trail } from '../trail/index.js';
import type { Approvers } from '../verify/index.js';
import type { Books } from './books.js';
import type { BooksReport } from './catch-up.js';
import type { CounterSet } from './counters.js';
import type { Maintenance } from './maintenance.js';
import type { OwnCertificateWatch } from './own-certificate.js';
import type { GatewayReport } from './report.js';

export interface RunningGateway extends Omit<Books, 'visits' | 'catchUp'> {
  readonly report: () => GatewayReport;
  /** How far what is derived is behind the events. */
  readonly booksReport: () => BooksReport;
  /** Heads and receipts of the event log. */
  readonly receipts: Receipts;
  /** What single records are proven with. */
  readonly proofs: Store['proofs'];
  /** What it does with its own store when it is asked to. */
  readonly maintenance: Maintenance;
  /** Its own certificate, which is renewed while it runs. */
  readonly ownCertificate: Pick<OwnCertificateWatch, 'look'>;
  readonly store: Pick<
    Store,
    'mentions' | 'positionAt' | 'ledger' | 'events' | 'commitOf' | 'lastCommit' | 'eventOfRecord'
  >;
  /** What it logs itself. */
  readonly ownLog: Pick<OwnLog, 'log' | 'logEach'>;
  /** What operators did. */
  readonly trail: Pick<Trail, 'note' | 'find'>;
  /** Who approves, as far as it knows. */
  readonly approvers: Approvers;
  readonly counters: CounterSet;
  readonly timers: Timers;
  readonly clock: Pick<GatewayClock, 'now'>;
  /** Has requests of MQTT clients answered; they get none while nobody does. */
  readonly onPublished: (listener: NonNullable<BrokerOptions['published']>) => void;
  /** To whoever is connected, and to nobody later. */
  readonly publishHint: Broker['publishHint'];
  /** Who may log in, as to the broker. */
  readonly logIn: Broker['logIn'];
  readonly logInByCertificate: Broker['logInByCertificate'];
  /** How many records are in quarantine, by why they are there. */
  readonly quarantine: () => Readonly<Record<string, number>>;
  /** Writes to the database and waits for the disk, and changes nothing. @throws StoreFault */
  readonly probe: () => void;
  /** Goes by those of the settings that count without a restart; of the others `config` has what runs. */
  readonly adopt: (config: Config) => Promise<void>;
  /** Ends links, broker and store, in this order. */
  readonly close: () => Promise<void>;
}
