/** What records prove: answers, attestations, tiers of evidence, approvals (SPEC.md, Evidence, Approvals). */
import { equalBytes, toHex } from '../../bytes.js';
import { decodeCose } from '../../cose/index.js';
import { assess, openAnswer, verifyAttestation, type BandKey } from '../../evidence/index.js';
import type { CounterUse } from '../../evidence/index.js';
import { decodeRecord } from '../../log/index.js';
import { readAttest, readBody, verifyApprovals } from '../../records/index.js';
import type { Context } from '../context.js';
import { VectorFormatError } from '../format.js';
import type { Verify } from './verify.js';

export const answer: Verify = (bytes, context) =>
  openAnswer(decodeCose(bytes), context.verificationKey('key'), context.text('site'));

/** An attest record, with both bands known. */
export const attestation: Verify = (bytes, context) =>
  verifyAttestation(readAttest(decodeRecord(bytes).body), context.text('site'), bandsOf(context));

/** The tier of a record. A doubt is the verdict, whatever tier is left. */
export const evidence: Verify = (bytes, context) => {
  const uses = context.has('counters') ? context.maps('counters') : [];
  const use = (counter: Context): CounterUse => ({
    value: counter.number('value'),
    time: { earliest: counter.number('earliest'), latest: counter.number('latest') },
  });
  const acts = context.has('acts') ? context.maps('acts') : [];
  const {
    evidence: tier,
    band,
    act,
    isCopy,
    doubt,
  } = assess(decodeRecord(bytes), {
    site: context.text('site'),
    device: context.text('device'),
    isBand: () => context.has('isBand'),
    time: { earliest: context.number('earliest'), latest: context.number('latest') },
    tagKey: (uid) => (context.has(`tag-${toHex(uid)}`) ? context.bytes(`tag-${toHex(uid)}`) : undefined),
    metaReadKey: context.has('metaReadKey') ? context.bytes('metaReadKey') : undefined,
    bandKey: bandsOf(context),
    counters: (subject, value) => {
      const known = uses.filter((counter) => counter.text('subject') === subject).map(use);
      return {
        below: known.filter((one) => one.value <= value).sort((a, b) => b.value - a.value)[0],
        above: known.filter((one) => one.value > value).sort((a, b) => a.value - b.value)[0],
      };
    },
    actSeen: (id) => {
      const seen = acts.find((one) => equalBytes(one.bytes('act'), id));
      return seen === undefined ? undefined : seen.text('in') === 'here' ? 'here' : 'elsewhere';
    },
  });
  if (doubt !== undefined) throw doubt;
  return { evidence: tier, band, act, isCopy };
};

/** A record that needs approvals; the approvers' subjects are what it decodes to. */
export const approvals: Verify = (bytes, context) => {
  const { kind, body } = decodeRecord(bytes);
  const read = readBody(kind, body);
  if (read.kind !== 'enrol' && read.kind !== 'correct' && read.kind !== 'transfer') {
    throw new VectorFormatError(`a ${read.kind} needs no approvals`);
  }
  const operators = context.maps('operators').map((operator) => ({
    subject: operator.text('subject'),
    key: operator.publicKey('key'),
    kid: operator.thumbprint('key').subarray(0, 8),
  }));
  return verifyApprovals(read, {
    site: context.text('site'),
    operatorOf: (kid) => operators.find((operator) => equalBytes(operator.kid, kid)),
    relyingParty: {
      id: context.text('relyingParty'),
      origins: [`https://${context.text('relyingParty')}`],
    },
  });
};

/** `context.bands` are `{device, key, site}`. */
function bandsOf(context: Context): (kid: Uint8Array) => BandKey | undefined {
  const bands = context.has('bands') ? context.maps('bands') : [];
  return (kid) => {
    const found = bands.find((band) => equalBytes(band.thumbprint('key').subarray(0, 8), kid));
    return found && { band: found.text('device'), key: found.verificationKey('key') };
  };
}
