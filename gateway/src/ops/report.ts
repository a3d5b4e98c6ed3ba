/** What the gateway says of itself, on its health topic and to `status`. */
import type { BackupReport } from '../backup/index.js';
import type { BrokerStats, ListenerAddress } from '../broker/index.js';
import type { ForwardReport, PeerReport } from '../forward/index.js';
import type { LinkReport } from '../link/index.js';
import type { RadioReport } from '../radio/index.js';
import type { StorageReport } from '../store/index.js';
import type { TagReaderReport } from '../tag-reader/index.js';
import type { UplinkReport } from '../uplink/index.js';
import { VERSION } from '../version.js';
import type { BooksReport } from './catch-up.js';
import type { CommitFigures } from './committing.js';
import type { CounterSet } from './counters.js';
import type { Foundation } from './foundation.js';
import type { ReloadableBroker } from './mqtt.js';

/** What `status` and the health topic say. */
export interface GatewayReport {
  readonly version: string;
  readonly site: string;
  readonly gateway: string;
  readonly uptime: number;
  /** `unset`: nothing is sealed until the machine's clock is set. */
  readonly clock: 'unset' | 'set';
  /** Of the first listener, and of each. */
  readonly mqtt: {
    readonly host: string;
    readonly port: number;
    readonly listeners: readonly ListenerAddress[];
  };
  readonly broker: BrokerStats;
  /** Of the gateway, Unix seconds. */
  readonly certificate: { readonly notBefore: number; readonly expires: number };
  readonly stored: {
    readonly logs: number;
    readonly records: number;
    readonly events: number;
    readonly quarantined: number;
  };
  readonly commits: { readonly count: number; readonly longestMs: number };
  readonly storage: StorageReport;
  /** Of the ledger, matters, meals and cases: behind after an upgrade that brought something new to be derived. */
  readonly books: BooksReport;
  /** Absent where the configuration has no backups. */
  readonly backup: BackupReport | undefined;
  readonly links: readonly LinkReport[];
  /** In the order of the configuration. */
  readonly tagReaders: readonly TagReaderReport[];
  /** Absent where the configuration has no radio. */
  readonly radio: RadioReport | undefined;
  /** Absent where the configuration has no uplink. */
  readonly uplink: UplinkReport | undefined;
  /** Absent where the configuration has no other gateway to hand records to. */
  readonly forward: ForwardReport | undefined;
  /** Other gateways that hand records to this one, since the start. */
  readonly peers: readonly PeerReport[];
  readonly counters: CounterSet;
}

/** A part of the gateway that speaks for itself. */
interface Reports<T> {
  readonly report: () => T;
}

export interface ReportParts {
  readonly base: Foundation;
  readonly broker: ReloadableBroker;
  readonly commits: Readonly<CommitFigures>;
  readonly storage: Reports<StorageReport>;
  readonly catchUp: Reports<BooksReport>;
  readonly maintenance: Reports<BackupReport | undefined>;
  readonly devices: Reports<Pick<GatewayReport, 'links' | 'tagReaders' | 'radio'>>;
  readonly uplink: Reports<UplinkReport | undefined>;
  readonly forwarding: Reports<ForwardReport> | undefined;
  readonly desk: Reports<readonly PeerReport[]>;
}

/** @returns what makes a report of this moment */
export function openReport(parts: ReportParts): () => GatewayReport {
  const { base, broker, commits, storage, catchUp, maintenance, devices, uplink, forwarding, desk } = parts;
  const { config, site, gateway, wallClock, clock, credentials, store, counters } = base;
  const started = wallClock();
  return () => ({
    ...{ version: VERSION, site, gateway },
    uptime: Math.floor(wallClock() - started),
    clock: clock.now() === undefined ? 'unset' : 'set',
    mqtt: {
      host: broker.listeners[0]?.host ?? config.broker.host,
      port: broker.port,
      listeners: broker.listeners,
    },
    broker: broker.stats(),
    certificate: {
      notBefore: credentials.certificate.notBefore,
      expires: credentials.certificate.expires,
    },
    stored: store.totals(),
    commits,
    storage: storage.report(),
    books: catchUp.report(),
    backup: maintenance.report(),
    ...devices.report(),
    uplink: uplink.report(),
    forward: forwarding?.report(),
    peers: desk.report(),
    counters,
  });
}
