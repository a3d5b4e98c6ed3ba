/** COSE messages: what they are for is told by the shape of their payload, and decided by the signature. */
import {
  type CborMap,
  type CborValue,
  type CoseMessage,
  decodeCose,
  decodeStrict,
  type Purpose,
  readHeadClaims,
  readUnverifiedCertificate,
  TimebandError,
  verifyHead,
} from '@timeband/protocol';
import {
  ackLabel,
  annotate,
  answerLabel,
  certificateLabel,
  clockLabel,
  coseKeyLabel,
  coseLabel,
  type Label,
  numbered,
  policyLabel,
  receiptLabel,
  sealLabel,
} from '@timeband/protocol/cbor-text';
import { bad, type Finding, good, unjudged, type Judgement } from './finding.js';
import { inWords, plain, utc } from './plain.js';
import type { Signers } from './signers.js';

/** A kind of payload: its purpose, and the types of its first fields, by which it is told from the others. */
interface PayloadKind {
  readonly what: string;
  readonly purpose: Purpose;
  /** Of the fields from 1 on: uint, text, map, array, bytes with their number; `-` for one that may be missing. */
  readonly shape: string;
  readonly label: Label;
  /** Number of the field that names the site, where one does. */
  readonly site?: number;
}

const fields = (...names: readonly (string | Label)[]): Label => ({ fields: numbered(...names) });

const KINDS: readonly PayloadKind[] = [
  { what: 'seal', purpose: 'seal', shape: 'b16 u u b32 b32 b16 u u u', label: sealLabel },
  { what: 'ack', purpose: 'ack', shape: 'b16 u b32 t t u u', label: ackLabel, site: 4 },
  { what: 'clock document', purpose: 'clock', shape: 't b8 - t t', label: clockLabel, site: 4 },
  { what: 'policy document', purpose: 'policy', shape: 'u u u t m', label: policyLabel, site: 4 },
  { what: 'answer to a challenge', purpose: 'answer', shape: 'u b16 t u u u u', label: answerLabel },
  {
    ...{ what: 'proof of possession of a key', purpose: 'possession', shape: 'b16 t m' },
    label: fields('nonce', 'serial', { ...coseKeyLabel, name: 'COSE_Key' }),
  },
  {
    ...{ what: 'grant', purpose: 'grant', shape: 't t t u a b', site: 2 },
    label: fields(
      ...['serial', 'site', 'device', 'at'],
      { name: 'anchors', each: { content: certificateLabel } },
      { name: 'certificate', content: certificateLabel },
      ...['device key', 'policies', 'enrolment'],
    ),
  },
  {
    ...{ what: 'order to wipe', purpose: 'wipe', shape: 't t b32 u', site: 1 },
    label: fields('site', 'device', 'thumbprint', 'at', 'force', {
      name: 'certificate',
      content: certificateLabel,
    }),
  },
  {
    ...{ what: 'entry of a register', purpose: 'register', shape: 'u b32 u t u', site: 4 },
    label: fields(
      ...['number', 'previous', 'at', 'site'],
      {
        name: 'what',
        values: { 1: 'opened', 2: 'certified', 3: 'granted', 4: 'issued', 5: 'revoked', 6: 'wiped' },
      },
      { name: 'certificate', content: certificateLabel },
      ...['device', 'serial', 'hardware', 'firmware', 'account', 'replaces', 'device key', 'IRK', 'policy'],
      ...['thumbprint', 'forced'],
    ),
  },
];

/** What a technician must not paste into a report: keys of devices. */
const SECRET_FIELDS: Readonly<Partial<Record<Purpose, readonly number[]>>> = {
  grant: [7],
  register: [13, 14],
};

/** A CWT. @throws nothing: what is wrong is a verdict */
export function decodeCertificate(bytes: Uint8Array, signers: Signers): Finding {
  const lines = annotate(bytes, certificateLabel);
  try {
    const { key, ...claims } = readUnverifiedCertificate(bytes);
    const { subject, role, site, issuer, notBefore, expires } = claims;
    return {
      ...{ what: 'certificate', bytes: bytes.length, lines, parts: [] },
      says: `${subject}, ${role} at ${site}, by ${issuer}, ${utc(notBefore)} to ${utc(expires)}`,
      verdicts: [good('well-formed'), signers.judge(bytes)],
      value: plain({ ...claims, key }),
    };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { what: 'certificate', bytes: bytes.length, says: '', lines, verdicts: [bad(error)], parts: [] };
  }
}

/** A tagged COSE_Sign1 or COSE_Mac0, whatever it is for. */
export function decodeCoseBytes(bytes: Uint8Array, signers: Signers): Finding {
  let message: CoseMessage;
  try {
    message = decodeCose(bytes);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    const lines = annotate(bytes, coseLabel());
    return { what: 'COSE message', bytes: bytes.length, says: '', lines, verdicts: [bad(error)], parts: [] };
  }
  if (message.protectedHeader.has(15)) return decodeHead(bytes, message, signers);
  if (message.payload === undefined) return decodeDetached(bytes, message, signers);
  return decodeSigned(bytes, message, message.payload, signers);
}

function decodeSigned(
  bytes: Uint8Array,
  message: CoseMessage,
  payload: Uint8Array,
  signers: Signers,
): Finding {
  const content = contentOf(payload);
  const kind =
    content instanceof Map ? KINDS.find(({ shape }) => fits(content as CborMap, shape)) : undefined;
  if (kind === undefined || !(content instanceof Map)) {
    return {
      ...{
        what: `COSE message (${tagName(message)})`,
        bytes: bytes.length,
        lines: annotate(bytes, coseLabel()),
      },
      says: `${payload.length} bytes of payload, which are none that are known`,
      verdicts: [unjudged('nobody can say what it is for, so the signature cannot be checked')],
      parts: [],
    };
  }
  const map = content as CborMap;
  const named = kind.site === undefined ? undefined : map.get(kind.site);
  const site = typeof named === 'string' ? named : undefined;
  const value = Object.fromEntries(
    [...map].map(([key, one]) => [nameOf(kind, key), isSecret(kind, key) ? '(secret)' : plain(one)]),
  );
  const certificate = kind.purpose === 'wipe' || kind.purpose === 'register' ? map.get(6) : undefined;
  return {
    ...{ what: kind.what, bytes: bytes.length, says: inWords(value), value },
    verdicts: [...strictness(payload), signers.verdict(message, kind.purpose, site)],
    lines: annotate(bytes, coseLabel(kind.label)),
    parts: certificate instanceof Uint8Array ? [decodeCertificate(certificate, signers)] : [],
  };
}

/** A head of a gateway's log, or a receipt made of one. */
function decodeHead(bytes: Uint8Array, message: CoseMessage, signers: Signers): Finding {
  const what = message.payload === undefined ? 'receipt under a tree head' : 'tree head';
  const lines = annotate(bytes, message.payload === undefined ? receiptLabel : coseLabel());
  try {
    const claims = readHeadClaims(message);
    const { gateway, site, epoch, size, issued } = claims;
    return {
      ...{ what, bytes: bytes.length, lines, parts: [], value: plain(claims) },
      says: `${gateway} at ${site}, epoch ${epoch}, ${size} events, ${utc(issued)}`,
      verdicts: [good('well-formed'), headVerdict(bytes, message, signers)],
    };
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return { what, bytes: bytes.length, says: '', lines, verdicts: [bad(error)], parts: [] };
  }
}

function headVerdict(bytes: Uint8Array, message: CoseMessage, signers: Signers): Judgement {
  if (message.payload === undefined)
    return unjudged(
      'a receipt is checked together with its event (bandctl verify-receipt), or with an earlier head (verify-head)',
    );
  const gateway = signers.knownGateways.find(({ subject }) => subject === readHeadClaims(message).gateway);
  if (gateway === undefined) return signers.verdict(message, 'head');
  try {
    verifyHead(bytes, gateway);
    return good(`signed by ${gateway.subject}, as head of its log`);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return bad(error);
  }
}

function decodeDetached(bytes: Uint8Array, message: CoseMessage, signers: Signers): Finding {
  const isReceipt = message.unprotected.has(396);
  return {
    what: isReceipt ? 'receipt of a commit' : `COSE message (${tagName(message)}), its payload elsewhere`,
    ...{ bytes: bytes.length, says: '', lines: annotate(bytes, isReceipt ? receiptLabel : coseLabel()) },
    verdicts: [
      good('well-formed'),
      unjudged(
        isReceipt
          ? `a receipt is checked together with its event${signers.trust === undefined ? '' : ', which is not here'}`
          : 'a word on something that is not here: a statement, a file or a commit',
      ),
    ],
    parts: [],
  };
}

function contentOf(payload: Uint8Array): CborValue | undefined {
  try {
    return decodeStrict(payload);
  } catch (error) {
    if (error instanceof TimebandError) return undefined;
    throw error;
  }
}

function strictness(payload: Uint8Array): Judgement[] {
  try {
    decodeStrict(payload);
    return [good('well-formed')];
  } catch (error) {
    if (error instanceof TimebandError) return [bad(error)];
    throw error;
  }
}

function fits(map: CborMap, shape: string): boolean {
  return shape.split(' ').every((type, i) => isOf(type, map.get(i + 1)));
}

function isOf(type: string, value: CborValue | undefined): boolean {
  switch (type.slice(0, 1)) {
    case 'u':
      return typeof value === 'number' && value >= 0;
    case 't':
      return typeof value === 'string';
    case 'm':
      return value instanceof Map;
    case 'a':
      return Array.isArray(value);
    case 'b':
      return value instanceof Uint8Array && (type === 'b' || value.length === Number(type.slice(1)));
    default:
      return true;
  }
}

function nameOf({ label }: PayloadKind, key: unknown): string {
  return label.fields?.[String(key)]?.name ?? String(key);
}

function isSecret({ purpose }: PayloadKind, key: unknown): boolean {
  return typeof key === 'number' && (SECRET_FIELDS[purpose] ?? []).includes(key);
}

function tagName({ tag }: CoseMessage): string {
  return tag === 'sign1' ? 'COSE_Sign1' : 'COSE_Mac0';
}
