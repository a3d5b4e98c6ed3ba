/**
 * How strongly a record is proven (SPEC.md, Evidence): the protocol's assessment over what this gateway knows and
 * remembers. What one commit's records use up is seen by the later ones at once, and durable with the commit.
 */
import {
  assess,
  type Assessment,
  type BandKey,
  type CounterNeighbours,
  type CounterUse,
  type EvidenceContext,
  type Punch,
  type Record,
  tagId,
  type TimeInterval,
  toHex,
} from '@timeband/protocol';
import type { TagKeys } from '../config/index.js';
import type { Store, StoredLog } from '../store/index.js';
import type { Bands } from './bands.js';
import { type Approvers, checkBody } from './bodies.js';

export interface AssessorOptions {
  readonly site: string;
  readonly store: Store;
  readonly bands: Bands;
  readonly tagKeys?: TagKeys | undefined;
  readonly approvers?: Approvers | undefined;
}

type Device = Pick<StoredLog, 'key' | 'device'>;

/** The event by which a reading counts. */
export interface Counted {
  readonly log: number;
  /** Its position in the event log. */
  readonly seq: number;
  readonly time: TimeInterval;
}

/** What was used up within the commit that is being made. */
interface Used {
  readonly counters: Map<string, CounterUse[]>;
  /** The log in which each act has counted, by its id in hexadecimal. */
  readonly acts: Map<string, number>;
}

export class Assessor {
  private readonly used: Used = { counters: new Map(), acts: new Map() };

  constructor(private readonly options: AssessorOptions) {}

  /**
   * Assesses a sealed record of a log, and uses up what it proves itself with.
   * @throws CborError, RecordError when the body is not what its kind requires, or not approved as it has to be
   */
  assess(record: Record, log: Device, time: TimeInterval): Assessment {
    checkBody(record, this.options.site, this.options.approvers);
    const reading = this.preview(record, log, time);
    if (reading.counter !== undefined) {
      const { subject, value } = reading.counter;
      const { counters } = this.used;
      counters.set(subject, [...(counters.get(subject) ?? []), { value, time }]);
    }
    const act = actToCount(reading);
    if (act !== undefined) this.used.acts.set(toHex(act), log.key);
    return reading;
  }

  /** The same of a record that is not sealed yet: nothing is used up. @throws CborError, RecordError */
  preview(record: Pick<Record, 'kind' | 'body'>, log: Device, time: TimeInterval): Assessment {
    return assess(record, new Knowledge(this.options, this.used, log, time));
  }

  /** Writes what a reading used up; only within the transaction that stores its record. */
  persist(reading: Assessment, { log, seq, time }: Counted): void {
    const { evidence } = this.options.store;
    if (reading.counter !== undefined) evidence.addCounter(reading.counter, time);
    const act = actToCount(reading);
    if (act !== undefined) evidence.addAct(act, log, seq);
  }

  /** After a commit, and after one that failed: what the store says counts again. */
  settle(): void {
    this.used.counters.clear();
    this.used.acts.clear();
  }
}

/** What this gateway knows at the moment of one record. */
class Knowledge implements EvidenceContext {
  constructor(
    private readonly options: AssessorOptions,
    private readonly used: Used,
    private readonly log: Device,
    readonly time: TimeInterval,
  ) {}

  get site(): string {
    return this.options.site;
  }

  get device(): string {
    return this.log.device;
  }

  get metaReadKey(): Uint8Array | undefined {
    return this.options.tagKeys?.metaReadKey;
  }

  isBand(): boolean {
    return this.options.bands.has(this.log.device);
  }

  tagKey(uid: Uint8Array): Uint8Array | undefined {
    return this.options.tagKeys?.tag(uid);
  }

  bandKey(kid: Uint8Array): BandKey | undefined {
    return this.options.bands.find(kid, this.time);
  }

  counters(subject: string, value: number): CounterNeighbours {
    const stored = this.options.store.evidence.counters(subject, value);
    let { below, above } = stored;
    for (const use of this.used.counters.get(subject) ?? []) {
      if (use.value <= value && use.value >= (below?.value ?? 0)) below = use;
      if (use.value > value && use.value < (above?.value ?? Infinity)) above = use;
    }
    return { below, above };
  }

  actSeen(act: Uint8Array): 'here' | 'elsewhere' | undefined {
    const seenIn = this.used.acts.get(toHex(act)) ?? this.options.store.evidence.logOfAct(act);
    return seenIn === undefined ? undefined : seenIn === this.log.key ? 'here' : 'elsewhere';
  }
}

/** Doubts that leave a record worth what its evidence says: nobody did anything wrong. */
const HARMLESS: readonly string[] = ['evidence/unknown-key'];

/** Whether a reading may change anything: a second copy of an act, or one that tried to seem more than it is, does not. */
export function counts(reading: Assessment): boolean {
  return reading.isCopy !== true && !isDoubted(reading);
}

/** Whether people should look at a record: a key that is not known, or a band's word alone, is no offence. */
export function isSuspicious({ doubt }: Assessment): boolean {
  return doubt !== undefined && !HARMLESS.includes(doubt.code) && doubt.code !== 'evidence/uncorroborated';
}

/** Whether a record tried to seem more than it is, or is a word that nobody confirmed: it is published and moves nothing. */
export function isDoubted({ doubt }: Assessment): boolean {
  return doubt !== undefined && !HARMLESS.includes(doubt.code);
}

/** The band that a punch names by itself: the tag of a bare UID. It follows from the record and is not stored beside it. */
export function bandNamed(punch: Punch | undefined): string | undefined {
  return punch?.proof.kind === 'uid' ? tagId(punch.proof.uid) : undefined;
}

/** An act that has now counted. A band's word alone has not. */
function actToCount({ evidence, act, isCopy }: Assessment): Uint8Array | undefined {
  return evidence === 2 && isCopy !== true ? act : undefined;
}
