/** Metrics of what is stored, and of the disk it is on. */
import { oneOf, samples, type Series } from './series.js';

export const STORAGE_SERIES: readonly Series[] = [
  {
    name: 'timeband_logs',
    type: 'gauge',
    help: 'Logs of devices in the database, earlier epochs included.',
    read: ({ report }) => report.stored.logs,
  },
  {
    name: 'timeband_records_total',
    type: 'counter',
    help: 'Records in the database. Smaller after an older database was restored.',
    read: ({ report }) => report.stored.records,
  },
  {
    name: 'timeband_events_total',
    type: 'counter',
    help: 'Position of the newest event of the event log.',
    read: ({ report }) => report.stored.events,
  },
  {
    name: 'timeband_books_behind_events',
    type: 'gauge',
    help: 'Events that ledger, matters, meals and cases have yet to take in, each counted; more than 0 only after an upgrade, or where they cannot go on.',
    read: ({ report }) => report.books.behind,
  },
  {
    name: 'timeband_quarantined_records',
    type: 'gauge',
    labels: ['reason'],
    help: 'Records in quarantine, by the code of why they are there.',
    read: ({ quarantine }) => samples('reason', quarantine),
  },
  {
    name: 'timeband_quarantine_records',
    type: 'gauge',
    help: 'Records in quarantine, all together.',
    read: ({ report }) => report.stored.quarantined,
  },
  {
    name: 'timeband_commit_longest_seconds',
    type: 'gauge',
    help: 'The longest transaction since the start.',
    read: ({ report }) => report.commits.longestMs / 1_000,
  },
  {
    name: 'timeband_database_bytes',
    type: 'gauge',
    help: 'Size of the database file.',
    read: ({ sizes }) => sizes.database,
  },
  {
    name: 'timeband_wal_bytes',
    type: 'gauge',
    help: 'Size of the write-ahead log beside it. It stays at its largest; some MB are normal.',
    read: ({ sizes }) => sizes.wal,
  },
  {
    name: 'timeband_disk_free_bytes',
    type: 'gauge',
    help: 'Room that is left to the gateway on the disk of the database.',
    read: ({ report }) => report.storage.freeBytes,
  },
  {
    name: 'timeband_disk_bytes',
    type: 'gauge',
    help: 'Size of that disk.',
    read: ({ sizes }) => sizes.disk,
  },
  {
    name: 'timeband_storage_state',
    type: 'gauge',
    labels: ['state'],
    help: 'Whether the disk takes commits: 1 for the state it is in. In `low`, `failing` and `held` nothing is acknowledged and records stay with their devices.',
    read: ({ report }) => oneOf(['good', 'low', 'failing', 'held'], report.storage.state),
  },
];
