/** A site's database as the real committer writes it, on disk, for tests that account for it or damage it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { Committer, EventLog, HeadMarker } from '../events/index.js';
import {
  answer,
  band,
  bandKey,
  DeviceLog,
  gateway,
  gatewayKey,
  nonceOf,
  NOW,
  SITE,
  trust,
} from '../events/devices.test.support.js';
import { Visits } from '../ledger/index.js';
import { Store, type StoredLog } from '../store/index.js';
import { Assessor, Bands } from '../verify/index.js';
import { systemTimers } from '@timeband/protocol';
import { reconcile, type AuditReport, type ProgressOptions, type ReconcileOptions } from './index.js';

export class TestSite {
  readonly dir = mkdtempSync(join(tmpdir(), 'audit-'));
  readonly file = join(this.dir, 'gateway.db');
  readonly markerFile = join(this.dir, 'head');
  readonly reader = new DeviceLog();
  readonly band = new DeviceLog(band, bandKey);
  store = new Store(this.file);
  events = new EventLog(this.store, gatewayKey, gateway);
  private committer = this.openCommitter();
  private counter = 0;

  private openCommitter(): Committer {
    const { store, events } = this;
    const bands = new Bands({ site: SITE, store, trust });
    return new Committer({
      ...{ store, events, visits: new Visits(store), assessor: new Assessor({ site: SITE, store, bands }) },
      wallClock: () => NOW,
      committed: () => undefined,
      unreadable: () => undefined,
    });
  }

  /** Opens the log of a device that has not sealed anything yet. */
  private meet(device: DeviceLog): StoredLog {
    const { logId, genesis, certificate } = device;
    const known = this.store.findLog(logId);
    if (known !== undefined) return known;
    return this.store.insertLog({
      ...{ logId, device: certificate.subject, epoch: 1, certificate: certificate.bytes },
      ...{ base: 0, hash: genesis },
    });
  }

  /** A visit that the reader and the band both log: the band's copies corroborate. */
  punch(): void {
    for (const direction of ['in', 'out'] as const) {
      const nonce = ++this.counter;
      this.reader.punch(direction, nonce * 600, answer(direction, nonce));
      this.band.punch(direction, nonce * 600, { kind: 'own', nonce: nonceOf(nonce), challenger: 'reader-1' });
    }
  }

  /** Seals and commits what a device has logged since. */
  async commit(...devices: readonly DeviceLog[]): Promise<void> {
    for (const device of devices) {
      const log = this.meet(device);
      if (device.records.length === log.head) continue;
      const batch = { log, sealed: device.sealedAfter(log), moment: { asked: NOW, answered: NOW } };
      await this.committer.submit(batch);
    }
  }

  /** Both devices, in so many commits: four records each. */
  async run(commits: number): Promise<void> {
    this.meet(this.band); // a band that was never met proves nothing
    for (let commit = 0; commit < commits; commit++) {
      this.punch();
      this.punch();
      await this.commit(this.reader, this.band);
    }
  }

  /** Goes on in a new epoch, as after a restore. */
  restore(epoch: number): void {
    this.store.epochs.open({ epoch, base: this.events.head });
    this.events = new EventLog(this.store, gatewayKey, gateway);
    this.committer = this.openCommitter();
  }

  /** As a gateway does at its end. */
  mark(): void {
    const marker = new HeadMarker(this.markerFile, systemTimers);
    marker.note(this.events.newest);
    marker.close();
  }

  /** Changes the file behind everybody's back. */
  plant(...statements: readonly string[]): void {
    this.store.close();
    const db = new Database(this.file);
    for (const sql of statements) db.exec(sql);
    db.close();
    this.store = new Store(this.file);
  }

  audit(options: Partial<ReconcileOptions> = {}, run: ProgressOptions = {}): Promise<AuditReport> {
    const { store, markerFile } = this;
    return reconcile({ ...{ store, site: SITE, trust, hasUplink: false, markerFile }, ...options }, run);
  }

  close(): void {
    this.store.close();
    rmSync(this.dir, { recursive: true });
  }
}
