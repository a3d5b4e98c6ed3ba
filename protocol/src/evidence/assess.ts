/**
 * How strongly a record is proven: computed from the proof inside it, never read (SPEC.md, Evidence). A tier is what is
 * proven, not what was tried: a proof that does not hold leaves tier 0 and a doubt, and the record is kept.
 */
import { toHex } from '../bytes.js';
import { decodeCose } from '../cose/index.js';
import { CertificateError, EvidenceError, TimebandError, type ErrorCode } from '../errors.js';
import type { Evidence } from '../event/event.js';
import type { TimeInterval } from '../log/trusted-time.js';
import type { Record } from '../log/record.js';
import { readAttest } from '../records/attest.js';
import { KIND } from '../records/kinds.js';
import type { Punch } from '../records/punch.js';
import { actId } from './act.js';
import { openAnswer, type Answer } from './answer.js';
import { verifyAttestation, type BandKey } from './attestation.js';
import { claimOf, type Claim } from './claim.js';
import { checkCounter, type CounterNeighbours } from './counters.js';
import { tagId, type AnswerProof, type EncryptedSunProof, type OwnProof, type SunProof } from './proof.js';
import { openPiccData, verifySdmMac, type TagReading } from './sun.js';

/** What the assessor knows. All look-ups are pure reads. */
export interface EvidenceContext {
  readonly site: string;
  /** The device whose sealed log holds the record. */
  readonly device: string;
  /** Whether that device is a band. */
  isBand(): boolean;
  /** When the record was made, as far as that can be trusted. */
  readonly time: TimeInterval;
  /** A tag's SDM file-read key, 16 bytes. */
  tagKey(uid: Uint8Array): Uint8Array | undefined;
  /** The key that decrypts the PICC data of the site's tags, 16 bytes. */
  readonly metaReadKey?: Uint8Array | undefined;
  /** The certified band of a key id. @throws CertificateError when it was not to be believed at that time */
  bandKey(kid: Uint8Array): BandKey | undefined;
  /** Uses of a tag's or band key's counter around a value. */
  counters(subject: string, value: number): CounterNeighbours;
  /** Where an act was recorded that has counted: in this record's log, or in another device's. */
  actSeen(act: Uint8Array): 'here' | 'elsewhere' | undefined;
}

/** A counter's value to be remembered together with the record. */
export interface UsedCounter {
  readonly subject: string;
  readonly value: number;
}

export interface Assessment {
  readonly evidence: Evidence;
  /** The band or tag it is of: the provider's in an attestation. */
  readonly band?: string | undefined;
  /** Joins this record to the other device's of the same act. */
  readonly act?: Uint8Array | undefined;
  /** The act has counted already: this copy corroborates it, and never counts. */
  readonly isCopy?: boolean;
  readonly counter?: UsedCounter | undefined;
  /** Why it is worth less than was tried; with `evidence/unknown-key` nobody did anything wrong. */
  readonly doubt?: TimebandError | undefined;
  readonly punch?: Punch | undefined;
}

/** @throws CborError, RecordError when the body is not what its kind requires */
export function assess(record: Pick<Record, 'kind' | 'body'>, context: EvidenceContext): Assessment {
  if (record.kind === KIND.attest) return assessVisit(record, context);
  const claim = claimOf(record);
  // Without a proof a record rests on the key of the device that sealed it.
  if (claim === undefined) return { evidence: 2 };
  // The common case by far, and the cheapest: anyone can copy a UID, so there is nothing to check.
  if (claim.proof.kind === 'uid') {
    return { evidence: 0, band: tagId(claim.proof.uid), punch: claim.punch };
  }
  return { ...assessClaim(claim, context), punch: claim.punch };
}

function assessClaim(claim: Claim, context: EvidenceContext): Assessment {
  const { proof } = claim;
  switch (proof.kind) {
    case 'uid':
      return { evidence: 0, band: tagId(proof.uid) };
    case 'sun':
    case 'encrypted-sun':
      return assessTag(proof, context);
    case 'answer':
      return assessAnswer(proof, claim, context);
    case 'own':
      return assessOwn(proof, context);
    case 'unknown':
      return { evidence: 0 };
  }
}

function assessTag(proof: SunProof | EncryptedSunProof, context: EvidenceContext): Assessment {
  let reading: TagReading;
  try {
    reading = readTag(proof, context);
  } catch (error) {
    return { evidence: 0, doubt: doubtOf(error) };
  }
  const { uid, counter: value } = reading;
  const band = tagId(uid);
  try {
    const key = context.tagKey(uid);
    if (key === undefined) throw new EvidenceError('evidence/unknown-key', `the key of ${band} is not known`);
    verifySdmMac(key, reading, proof.mac);
    checkCounter({ value, time: context.time }, context.counters(band, value));
  } catch (error) {
    return { evidence: 0, band, doubt: doubtOf(error) };
  }
  return { evidence: 1, band, counter: { subject: band, value } };
}

function readTag(proof: SunProof | EncryptedSunProof, { metaReadKey }: EvidenceContext): TagReading {
  if (proof.kind === 'sun') return proof;
  if (metaReadKey === undefined) {
    throw new EvidenceError('evidence/unknown-key', 'the key of the tags’ encrypted data is not known');
  }
  return openPiccData(metaReadKey, proof.piccData);
}

function assessAnswer({ message: bytes }: AnswerProof, claim: Claim, context: EvidenceContext): Assessment {
  let known: BandKey | undefined;
  try {
    const message = decodeCose(bytes);
    known = context.bandKey(message.kid);
    if (known === undefined) {
      throw new EvidenceError('evidence/unknown-key', 'an answer of a band that is not known');
    }
    const answer = openAnswer(message, known.key, context.site);
    checkAnswer(answer, claim, context.device);
    const { counter: value, nonce, challenger } = answer;
    const subject = `key-${toHex(message.kid)}`;
    checkCounter({ value, time: context.time }, context.counters(subject, value));
    return once(known.band, actId(nonce, known.band, challenger), context, { subject, value });
  } catch (error) {
    return { evidence: 0, band: known?.band, doubt: doubtOf(error) };
  }
}

/** A band's own word carries no counter: its log's order is its seal's affair. The challenger has to say the same. */
function assessOwn({ nonce, challenger }: OwnProof, context: EvidenceContext): Assessment {
  const { device } = context;
  if (!context.isBand() || challenger === device) {
    const doubt = new EvidenceError('evidence/mismatch', `${device} cannot have been challenged by itself`);
    return { evidence: 0, doubt };
  }
  const act = actId(nonce, device, challenger);
  switch (context.actSeen(act)) {
    case 'elsewhere':
      return { evidence: 2, band: device, act, isCopy: true };
    case 'here':
      return { evidence: 1, band: device, act, isCopy: true, doubt: replayed() };
    case undefined:
      return {
        ...{ evidence: 1, band: device, act },
        doubt: new EvidenceError('evidence/uncorroborated', `only ${device} says that ${challenger} asked`),
      };
  }
}

function assessVisit(record: Pick<Record, 'body'>, context: EvidenceContext): Assessment {
  const attestation = readAttest(record.body);
  try {
    const { nonce, provider, recipient } = verifyAttestation(attestation, context.site, (kid) =>
      context.bandKey(kid),
    );
    if (context.device !== provider && context.device !== recipient) {
      throw new EvidenceError('evidence/mismatch', `a visit in the log of ${context.device}`);
    }
    return once(provider, actId(nonce, provider, recipient), context);
  } catch (error) {
    return { evidence: 0, doubt: doubtOf(error) };
  }
}

/** What was answered by a key counts in the first log that brings it, and in no other, nor twice there. */
function once(band: string, act: Uint8Array, context: EvidenceContext, counter?: UsedCounter): Assessment {
  const seen = context.actSeen(act);
  if (seen === 'here') throw replayed();
  return { evidence: 2, band, act, isCopy: seen === 'elsewhere', counter };
}

function replayed(): EvidenceError {
  return new EvidenceError('evidence/replay', 'an act that this log has recorded before');
}

/** An answer proves what it was asked for, by whom it was asked, and nothing else. */
function checkAnswer(answer: Answer, claim: Claim, device: string): void {
  if (answer.challenger !== device) {
    throw new EvidenceError(
      'evidence/mismatch',
      `an answer for ${answer.challenger} in the log of ${device}`,
    );
  }
  for (const field of ['what', 'service', 'direction'] as const) {
    if (answer[field] !== claim[field]) {
      throw new EvidenceError('evidence/mismatch', `an answer for another ${field}`, {
        answered: answer[field],
        recorded: claim[field],
      });
    }
  }
}

/** Whatever does not hold is a doubt of this layer; anything unexpected is a fault of ours and goes on. */
function doubtOf(error: unknown): TimebandError {
  if (error instanceof EvidenceError || error instanceof CertificateError) return error;
  if (!(error instanceof TimebandError)) throw error;
  const code: ErrorCode = error.code.startsWith('cose/') ? 'evidence/proof' : 'evidence/shape';
  return new EvidenceError(code, error.message, { cause: error.code });
}
