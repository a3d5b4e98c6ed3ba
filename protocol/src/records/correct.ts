/** Correct: what was wrong or is missing in the records, and by how many minutes. Records themselves never change (SPEC.md, Correct). */
import type { CborMap } from '../cbor/index.js';
import { HASH_BYTES, LOG_ID_BYTES } from '../log/chain.js';
import { actionBytes, readApproved, type Approved } from './actions.js';
import { bytes, id, int, nested, oneOf, reference, service, uint, unixSeconds } from './field-types.js';
import { bodyCodec, contradiction, demand, optional, required } from './layout.js';

export const CORRECTION_SORT = { void: 1, amend: 2, lateEntry: 3 } as const;
export type CorrectionSort = keyof typeof CORRECTION_SORT;

export const CORRECTION_REASON = {
  forgottenIn: 1,
  forgottenOut: 2,
  wrongService: 3,
  wrongPerson: 4,
  wrongMinutes: 5,
  duplicate: 6,
  deviceFault: 7,
  noDevice: 8,
  fraud: 9,
} as const;
export type CorrectionReason = keyof typeof CORRECTION_REASON;

/** Where a record stands. The hash tells two forks of a log apart. */
export interface RecordReference {
  /** 16 bytes. */
  readonly logId: Uint8Array;
  readonly seq: number;
  /** SHA-256 of the record's bytes, 32 bytes. */
  readonly hash: Uint8Array;
}

export interface Correction {
  /** Random, 16 bytes: makes the action different from every other. */
  readonly nonce: Uint8Array;
  /** When it was decided, Unix seconds. */
  readonly at: number;
  readonly sort: CorrectionSort;
  readonly reason: CorrectionReason;
  readonly account: string;
  /** What is added to the account, negative for what is taken away. Whole minutes. */
  readonly minutes: number;
  /** The record that is void or amended. Needed for both; a late entry has none. */
  readonly target?: RecordReference | undefined;
  /** Number in the catalogue. Needed for a late entry, as are its times. */
  readonly service?: number | undefined;
  /** Unix seconds. */
  readonly started?: number | undefined;
  /** Unix seconds, not before `started`. */
  readonly ended?: number | undefined;
  /** The operator who wrote it down, and who cannot approve it. */
  readonly recorder?: string | undefined;
}

const NEEDED: Readonly<Record<CorrectionSort, readonly (keyof Correction)[]>> = {
  void: ['target'],
  amend: ['target'],
  lateEntry: ['service', 'started', 'ended'],
};

const REFERENCE = bodyCodec<RecordReference>('reference', {
  logId: required(1, bytes(LOG_ID_BYTES)),
  seq: required(2, uint(1)),
  hash: required(3, bytes(HASH_BYTES)),
});

const CORRECTION = bodyCodec<Correction>(
  'correct',
  {
    nonce: required(1, reference),
    at: required(2, unixSeconds),
    sort: required(3, oneOf(CORRECTION_SORT)),
    reason: required(4, oneOf(CORRECTION_REASON)),
    account: required(5, id),
    minutes: required(6, int),
    target: optional(7, nested(REFERENCE)),
    service: optional(8, service),
    started: optional(9, unixSeconds),
    ended: optional(10, unixSeconds),
    recorder: optional(11, id),
  },
  (correction) => {
    demand('correct', correction, NEEDED[correction.sort]);
    const { sort, target, started, ended } = correction;
    if (sort === 'lateEntry' && target !== undefined) {
      throw contradiction('correct: a late entry corrects no record');
    }
    if (started !== undefined && ended !== undefined && ended < started) {
      throw contradiction('correct: it ends before it starts');
    }
  },
);

/** The action that two operators approve. @throws CborError, RecordError */
export function correctAction(correction: Correction): Uint8Array {
  return actionBytes(CORRECTION, correction);
}

/** @throws CborError `cbor/shape`, RecordError `record/kind` */
export function readCorrect(body: CborMap): Approved<Correction> {
  return readApproved(CORRECTION, body);
}
