/**
 * A gateway from committer to uplink in this process, over a real database, with a reader's log to fill it. What ships
 * joins its parts, so what is tried here is what runs.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Assessor,
  Bands,
  Committer,
  configSchema,
  CurrentEpoch,
  EventLog,
  Policies,
  type PublishedEvent,
  Receipts,
  startUplink,
  Store,
  type Uplink,
  type UplinkConfig,
  type UplinkReport,
  Visits,
} from '@timeband/gateway';
import {
  CATEGORY,
  type CborMap,
  type Certificate,
  chainHash,
  encodeRecord,
  GatewayClock,
  genesisHash,
  issueCertificate,
  KIND,
  logIdOf,
  PrivateKey,
  punchBody,
  randomBytes,
  receiveRecord,
  requestBody,
  type Role,
  signSeal,
  systemTimers,
  TrustStore,
  verifySealedRecords,
} from '@timeband/protocol';
import { pino } from 'pino';
import { GATEWAY, SITE } from './centre.js';

const DAY = 86_400;
/** Records under one seal. */
const SEAL_RECORDS = 256;
const LOOK_EVERY_MS = 10;
const time = { quality: 'unset' } as const;

/** The keys of a site, which several boxes may have where one is a copy. */
export class UplinkSite {
  readonly issuerKey = PrivateKey.generate();
  readonly gatewayKey = PrivateKey.generate();
  readonly readerKey = PrivateKey.generate();
  readonly trust = new TrustStore([this.issuerKey.publicKey]);
  readonly gateway = this.certify(GATEWAY, 'gateway', this.gatewayKey);
  readonly reader = this.certify('reader-1', 'reader', this.readerKey);

  private certify(subject: string, role: Role, key: PrivateKey): Certificate {
    const now = Math.floor(Date.now() / 1_000);
    const bytes = issueCertificate(this.issuerKey, {
      ...{ issuer: SITE, subject, role, site: SITE, key: key.publicKey },
      ...{ notBefore: now - DAY, expires: now + DAY },
    });
    return this.trust.verify(bytes, { roles: [role], site: SITE });
  }
}

/** Where a reader's log has come to. */
interface ReaderHead {
  readonly seq: number;
  readonly hash: Uint8Array;
}

export class UplinkBox {
  readonly store: Store;
  readonly events: EventLog;
  readonly policies: Policies;
  /** Lines of the log. */
  readonly log: Readonly<Record<string, unknown>>[] = [];
  readonly counts = new Map<string, number>();
  private readonly committer: Committer;
  private readonly receipts: Receipts;
  private readonly clock: GatewayClock;
  private readonly logger = pino(
    { level: 'info' },
    { write: (line: string) => this.log.push(JSON.parse(line) as Readonly<Record<string, unknown>>) },
  );
  private running: Uplink | undefined;

  constructor(
    readonly site: UplinkSite,
    readonly dir: string,
    private reader: ReaderHead = {
      seq: 0,
      hash: genesisHash({ site: SITE, device: 'reader-1', thumbprint: site.reader.thumbprint, epoch: 1 }),
    },
  ) {
    const { gateway: certificate, gatewayKey: key, trust } = site;
    this.store = new Store(join(dir, 'gateway.db'));
    const { store } = this;
    this.events = new EventLog(store, key, certificate);
    this.clock = new GatewayClock({
      wall: wallClock,
      monotonic: () => systemTimers.now() / 1_000,
      floor: certificate.notBefore,
    });
    this.committer = new Committer({
      ...{ store, visits: new Visits(store), events: this.events, wallClock },
      assessor: new Assessor({ site: SITE, store, bands: new Bands({ site: SITE, store, trust }) }),
      committed: (events: readonly PublishedEvent[]) => {
        this.running?.committed(events);
      },
      unreadable: (device, seq, error) => {
        throw new Error(`record ${seq} of ${device}: ${error.message}`);
      },
    });
    this.receipts = new Receipts({
      ...{ store, events: new CurrentEpoch(this.events), key, certificate, timers: systemTimers, wallClock },
    });
    this.policies = new Policies({
      ...{ site: SITE, files: [], trust, issuer: this.issuer.kid, store, now: () => this.clock.now() },
      ...{ timers: systemTimers, log: this.logger },
    });
  }

  get uplink(): Uplink {
    if (this.running === undefined) throw new Error('the uplink was not started');
    return this.running;
  }

  /** Logs punches and commits them, as what a reader sealed. */
  async punch(count: number): Promise<void> {
    for (let left = count; left > 0; left -= SEAL_RECORDS) {
      await this.commit(KIND.punch, Math.min(left, SEAL_RECORDS), (seq) =>
        punchBody({ direction: 'in', service: 101, proof: { kind: 'uid', uid: tagOf(seq) } }),
      );
    }
  }

  /** Somebody at the reader calls for help. */
  async callForHelp(): Promise<void> {
    await this.commit(KIND.request, 1, (seq) =>
      requestBody({
        ...{
          request: randomBytes(16),
          phase: 'open',
          category: CATEGORY.help,
          urgency: 'urgent',
          level: 'grid',
        },
        proof: { kind: 'uid', uid: tagOf(seq) },
      }),
    );
  }

  startUplink(settings: Readonly<Record<string, unknown>>, headWaitMs = 200): Uplink {
    const { store, events, receipts, policies, clock, dir, logger: log, counts } = this;
    const { gatewayKey: key, gateway: certificate, trust } = this.site;
    this.running = startUplink({
      ...{
        config: uplinkConfig(settings),
        dataDir: dir,
        store,
        events,
        receipts,
        policies,
        clock,
        headWaitMs,
      },
      ...{
        credentials: { key, certificate, issuer: this.issuer, trust },
        timers: systemTimers,
        wallClock,
        log,
      },
      report: () => ({ uplink: this.uplink.report() }),
      counters: {
        count: (name, label = '') => {
          const counter = label === '' ? name : `${name}@${label}`;
          counts.set(counter, (counts.get(counter) ?? 0) + 1);
        },
      },
    });
    return this.running;
  }

  async close(): Promise<void> {
    await this.running?.close();
    this.policies.close();
    this.store.close();
  }

  /** Opens the database again, after {@link close}. */
  reopen(): UplinkBox {
    return new UplinkBox(this.site, this.dir, this.reader);
  }

  /** Resolves once the uplink says so of itself. */
  async until(condition: (report: UplinkReport) => boolean, timeoutMs = 20_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!condition(this.uplink.report())) {
      if (Date.now() > end) throw new Error(`the uplink stays at ${JSON.stringify(this.uplink.report())}`);
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Signs a head over the event log, as a gateway does every minute. */
  async signHead(): Promise<void> {
    await this.receipts.head();
  }

  /** A second box from a copy of this one's database, which is closed. */
  copyTo(dir: string): UplinkBox {
    cpSync(join(this.dir, 'gateway.db'), join(dir, 'gateway.db'));
    return new UplinkBox(this.site, dir, this.reader);
  }

  private get issuer(): Certificate {
    const { issuerKey, trust } = this.site;
    const bytes = issueCertificate(issuerKey, {
      ...{ issuer: SITE, subject: SITE, role: 'issuer', site: SITE, key: issuerKey.publicKey },
      ...{ notBefore: 0, expires: 2 ** 32 - 1 },
    });
    return trust.verify(bytes, { roles: ['issuer'], site: SITE });
  }

  private async commit(kind: number, count: number, body: (seq: number) => CborMap): Promise<void> {
    const { reader: certificate, readerKey } = this.site;
    const before = this.reader;
    const records = Array.from({ length: count }, (_, i) => {
      const seq = before.seq + i + 1;
      return encodeRecord({ kind, seq, boot: 1, uptime: seq, time, salt: randomBytes(8), body: body(seq) });
    });
    this.reader = { seq: before.seq + count, hash: records.reduce(chainHash, before.hash) };
    const log = this.readerLog();
    const nonce = randomBytes(16);
    const seal = signSeal(readerKey, SITE, {
      ...{ logId: log.logId, first: before.seq + 1, last: this.reader.seq, nonce, boot: 1, time },
      ...{ hashBefore: before.hash, hashLast: this.reader.hash, uptime: this.reader.seq + 10 },
    });
    const received = records.map((bytes, i) => receiveRecord(bytes, before.seq + 1 + i));
    const sealed = verifySealedRecords(seal, certificate.key, SITE, nonce, log, received);
    const now = Math.floor(wallClock());
    await this.committer.submit({ log, sealed, moment: { asked: now, answered: now } });
  }

  private readerLog() {
    const { reader } = this.site;
    const hash = genesisHash({ site: SITE, device: reader.subject, thumbprint: reader.thumbprint, epoch: 1 });
    const logId = logIdOf(hash);
    return (
      this.store.findLog(logId) ??
      this.store.insertLog({
        ...{ logId, device: reader.subject, epoch: 1, certificate: reader.bytes, base: 0, hash },
      })
    );
  }
}

/** Of the settings of an uplink, with the defaults of the rest. */
export function uplinkConfig(settings: Readonly<Record<string, unknown>>): UplinkConfig {
  const { uplink } = configSchema.parse({ site: SITE, gateway: GATEWAY, uplink: settings });
  if (uplink === undefined) throw new Error('no uplink');
  return uplink;
}

function wallClock(): number {
  return Date.now() / 1_000;
}

function tagOf(seq: number): Uint8Array {
  const uid = new Uint8Array(4);
  new DataView(uid.buffer).setUint32(0, 0x04000000 + (seq % 7_000));
  return uid;
}
