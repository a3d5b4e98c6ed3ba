/**
 * The tables of the gateway's one file, as the steps that make them. Records and events are only ever added.
 * A step that was ever released is never changed: what a newer version needs is appended.
 */
import { LEDGER, COURSES, BINDINGS, COURSE_KINDS } from './schema/derived.js';
import { TRUST, BROKER, UPLINK, FORWARDING, TRAIL } from './schema/exchange.js';
import {
  SPINE,
  EVIDENCE,
  LOG_TREE,
  ACQUAINTANCES,
  EPOCHS,
  QUARANTINE_CODES,
  TOTALS,
  RENEWALS,
  ERASURES,
} from './schema/records.js';

/** A file that has been through n steps is brought up to date by the rest. */
export const MIGRATIONS: readonly string[] = [
  SPINE,
  EVIDENCE,
  LOG_TREE,
  TRUST,
  ACQUAINTANCES,
  BROKER,
  EPOCHS,
  UPLINK,
  QUARANTINE_CODES,
  LEDGER,
  TOTALS,
  RENEWALS,
  FORWARDING,
  COURSES,
  TRAIL,
  BINDINGS,
  ERASURES,
  COURSE_KINDS,
];
