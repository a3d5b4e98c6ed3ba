/** Holds what is on a gateway's disk against what devices and listeners know: nothing lost, nothing twice, no fork. */
import { equalBytes } from '@timeband/protocol';
import { type AuditReport, EventLog, openSnapshot, reconcile, type Snapshot } from '@timeband/gateway';
import { SITE } from '../../support/centre.js';
import type { Devices } from './devices.js';
import type { Listener } from './listener.js';
import type { CrashSite } from './site.js';

export interface Account {
  /** Records that a device may have forgotten and nobody has, or that were logged and never published. */
  readonly lost: number;
  readonly events: number;
  readonly reconciled: boolean;
  readonly problems: readonly string[];
}

/** Everything on the disk at a moment when the gateway does not run; taken before this returns. */
export function accountFor(
  site: CrashSite,
  devices: Devices,
  listeners: readonly Listener[],
  isOver: boolean,
): Promise<Account> {
  const snapshot = openSnapshot(site.files.database);
  const { store } = snapshot;
  const problems: string[] = [];
  const lost = lostRecords(snapshot, devices, isOver, problems);
  const events = store.lastCommit()?.last ?? 0;
  const missing = listeners.reduce(
    (sum, listener) => sum + compare(site, snapshot, listener, events, isOver, problems),
    0,
  );
  const { trust } = site.credentials;
  const hasUplink = site.options.uplinkPort !== undefined;
  // Looks at what stands beside the database before it first waits.
  const report = reconcile({ store, site: SITE, trust, hasUplink, markerFile: site.files.headMarker });
  return report
    .then((audit) => ({
      ...{ lost: lost + missing, events, reconciled: audit.verdict === 'good' },
      problems: [
        ...problems,
        ...audit.findings.slice(0, 10).map(({ code, message }) => `${code}: ${message}`),
        ...(isOver ? waitingOf(audit) : []),
      ],
    }))
    .finally(() => {
      snapshot.close();
    });
}

/** What is acknowledged is stored; in the end, what was logged is. */
function lostRecords({ store }: Snapshot, devices: Devices, isOver: boolean, problems: string[]): number {
  const heads = new Map<string, number>();
  for (const { device, head } of store.audit.logs()) {
    heads.set(device, Math.max(heads.get(device) ?? 0, head));
  }
  let lost = 0;
  for (const [device, { logged, acked }] of devices.truth) {
    const stored = heads.get(device) ?? 0;
    const expected = isOver ? logged : acked;
    if (stored >= expected) continue;
    lost += expected - stored;
    problems.push(
      `${device} has ${isOver ? 'logged' : 'been acknowledged'} ${expected}, and ${stored} are stored`,
    );
  }
  return lost;
}

/** Nobody has seen more than there is, or something else. @returns events that never came, in the end */
function compare(
  site: CrashSite,
  { store }: Snapshot,
  listener: Listener,
  events: number,
  isOver: boolean,
  problems: string[],
): number {
  const { name, newest } = listener;
  if (newest > events) {
    problems.push(`${name} was sent event ${newest}, and ${events} are stored`);
    return 0;
  }
  const { key, certificate } = site.credentials;
  const log = new EventLog(store, key, certificate);
  const first = isOver ? 1 : newest;
  if (first < 1) return 0;
  const hashes = log.hashes(first, isOver ? events : newest);
  const missing = hashes.filter((hash, i) => {
    const seen = listener.hashOf(first + i);
    if (seen !== undefined && !equalBytes(seen, hash)) {
      problems.push(`${name} was sent another event ${first + i} than is stored`);
    }
    return seen === undefined;
  }).length;
  if (missing > 0) problems.push(`${name} has never been sent ${missing} of ${events} events`);
  return missing;
}

/** In the end nothing waits, and nothing that behaves is in quarantine. */
function waitingOf({ totals }: AuditReport): string[] {
  const left = (['waiting', 'quarantined', 'lost'] as const).filter((state) => totals[state] > 0);
  return left.map((state) => `${totals[state]} records are ${state} in the end`);
}
