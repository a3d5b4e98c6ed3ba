/** What the parts of our structures are called, for {@link annotate}. The names are SPEC.md's. */
import type { Label } from './annotate.js';

/** Names in the order of their keys, from 1; a name alone or a label of its own. */
export function numbered(...fields: readonly (string | Label)[]): Readonly<Record<number, Label>> {
  return Object.fromEntries(
    fields.map((field, i) => [i + 1, typeof field === 'string' ? { name: field } : field]),
  );
}

const ALGORITHM: Label = {
  name: 'alg',
  values: { [-8]: 'EdDSA', [-7]: 'ES256', 5: 'HMAC 256/256', 10: 'AES-CCM-16-64-128' },
};
const QUALITY: Label = { name: 'time quality', values: { 0: 'unset', 1: 'free-running', 2: 'set' } };
const KINDS = {
  ...{ 1: 'enrol', 2: 'punch', 3: 'attest', 4: 'activity', 5: 'redeem', 6: 'meal', 7: 'request' },
  ...{ 8: 'mediate', 9: 'correct', 10: 'transfer', 11: 'device', 12: 'policy' },
};

const coseHeader: Label = {
  name: 'protected',
  content: {
    fields: {
      1: ALGORITHM,
      4: { name: 'kid' },
      15: {
        name: 'claims',
        fields: {
          1: { name: 'gateway' },
          6: { name: 'issued' },
          [-65_538]: { name: 'site' },
          [-65_539]: { name: 'epoch' },
          [-65_540]: { name: 'tree size' },
        },
      },
      395: { name: 'verifiable data structure', values: { 1: 'RFC9162_SHA256' } },
    },
  },
};

/** A COSE message with its tag, and what its payload is where that is CBOR. */
export function coseLabel(payload?: Label, proof = 'signature'): Label {
  return {
    content: {
      elements: [
        coseHeader,
        { name: 'unprotected', fields: { 6: { name: 'Partial IV' }, 396: { name: 'proofs' } } },
        { name: 'payload', content: payload },
        { name: proof },
      ],
    },
  };
}

export const coseKeyLabel: Label = {
  fields: {
    1: { name: 'kty', values: { 1: 'OKP', 2: 'EC2' } },
    3: ALGORITHM,
    [-1]: { name: 'crv', values: { 1: 'P-256', 6: 'Ed25519' } },
    [-2]: { name: 'x' },
    [-3]: { name: 'y' },
  },
};

export const certificateLabel: Label = {
  content: coseLabel({
    fields: {
      ...numbered('iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'cti'),
      8: {
        name: 'cnf',
        fields: { 1: { ...coseKeyLabel, name: 'COSE_Key' }, 3: { name: 'kid: thumbprint' } },
      },
      [-65_537]: {
        name: 'role',
        values: {
          ...{ 1: 'root', 2: 'issuer', 3: 'gateway', 4: 'reader', 5: 'band', 6: 'operator', 7: 'technician' },
        },
      },
      [-65_538]: { name: 'site' },
    },
  }),
};

/** A record with the names of its body. */
export function recordLabel(body: Label = {}): Label {
  return {
    fields: numbered(
      { name: 'kind', values: KINDS },
      'seq',
      'boot',
      'uptime',
      QUALITY,
      'wall',
      'age',
      'salt',
      { ...body, name: 'body' },
    ),
  };
}

const DIRECTION: Label = { name: 'direction', values: { 1: 'in', 2: 'out' } };

export const proofLabel: Label = {
  fields: numbered(
    'UID',
    { name: 'SUN', fields: numbered('UID', 'counter', 'MAC') },
    { name: 'encrypted SUN', fields: numbered('PICC data', 'MAC') },
    'answer',
    { name: 'own', fields: numbered('nonce', 'challenger') },
  ),
};

export const punchLabel: Label = {
  fields: numbered(DIRECTION, 'service', { ...proofLabel, name: 'proof' }, 'assisted'),
};

export const deviceLabel: Label = {
  fields: numbered(
    {
      name: 'statement',
      values: {
        ...{ 1: 'boot', 2: 'clock step', 3: 'log opened', 4: 'full', 5: 'key changed', 6: 'battery' },
        ...{ 7: 'tamper', 8: 'queue', 9: 'firmware', 10: 'events continued' },
      },
    },
    'firmware',
    'seconds',
    'back',
    'lost from',
    'earlier thumbprint',
    'percent',
    'what',
    'waiting',
    'image hash',
    ...['epoch', 'seq', 'hash', 'newest epoch', 'newest seq', 'newest hash'],
  ),
};

export const genesisLabel: Label = {
  elements: [
    ...['what', 'version', 'site', 'device', 'thumbprint', 'epoch', 'previous log id', 'previous seq'].map(
      (name) => ({ name }),
    ),
    { name: 'previous head' },
  ],
};

export const sealLabel: Label = {
  fields: numbered(
    ...['log id', 'first', 'last', 'hash before', 'hash last', 'nonce', 'boot', 'uptime'],
    QUALITY,
    'wall',
    'age',
  ),
};

export const ackLabel: Label = {
  fields: numbered('log id', 'upto', 'hash', 'site', 'gateway', 'revocations', {
    name: 'durability',
    values: { 1: 'box', 2: 'city' },
  }),
};

export const forwardLabel: Label = {
  fields: {
    ...numbered('site', 'gateway', 'number', { ...certificateLabel, name: 'certificate of the gateway' }),
    5: { ...certificateLabel, name: 'certificate of the device' },
    ...{ 6: { name: 'epoch' }, 7: { name: 'earlier log' }, 8: { name: 'from' }, 9: { name: 'before' } },
    ...{ 10: { name: 'oldest' }, 11: { name: 'records', each: recordLabel() } },
    12: { ...coseLabel(sealLabel), name: 'seal' },
    ...{ 13: { name: 'asked' }, 14: { name: 'answered' } },
  },
};

export const forwardAnswerLabel: Label = {
  fields: {
    ...numbered('site', 'gateway', 'to', 'number', 'digest', {
      name: 'outcome',
      values: { 1: 'stored', 2: 'lacks', 3: 'refused', 4: 'later' },
    }),
    ...{ 7: { name: 'upto' }, 8: { name: 'hash' }, 9: { ...coseLabel(ackLabel), name: 'ack' } },
    ...{ 10: { name: 'code' }, 11: { ...certificateLabel, name: 'certificate of the gateway' } },
  },
};

export const clockLabel: Label = { fields: numbered('device', 'nonce', 'wall', 'site', 'gateway') };

export const eventLabel: Label = {
  fields: numbered(
    ...['site', 'gateway', 'epoch', 'seq', 'previous', 'type', 'device', 'log id', 'log seq', 'log previous'],
    { name: 'record', content: recordLabel() },
    ...['seal id', 'evidence', 'earliest', 'latest', 'recorded', 'band', 'minutes', 'vouched', 'act'],
  ),
};

export const receiptLabel: Label = {
  content: {
    elements: [
      coseHeader,
      {
        name: 'unprotected',
        fields: {
          396: {
            name: 'proofs',
            fields: {
              [-1]: {
                name: 'inclusion',
                each: {
                  content: {
                    name: 'proof',
                    elements: [{ name: 'tree size' }, { name: 'leaf index' }, { name: 'path' }],
                  },
                },
              },
            },
          },
        },
      },
      { name: 'payload, detached' },
      { name: 'signature' },
    ],
  },
};

export const eventMessageLabel: Label = {
  elements: [
    { name: 'event', content: eventLabel },
    { name: 'receipt', content: receiptLabel },
  ],
};

export const answerLabel: Label = {
  fields: numbered('what', 'nonce', 'challenger', 'service', 'direction', 'counter', 'since press'),
};

const REVOCATION = numbered('thumbprint', 'at', 'log id', 'last trusted seq', 'hash', 'reason');

export const policyLabel: Label = {
  fields: numbered(
    {
      name: 'type',
      values: { 1: 'catalogue', 2: 'rules', 3: 'revocations', 4: 'keys', 5: 'primary' },
    },
    ...['number', 'issued', 'site'],
    { name: 'body', fields: { 1: { each: { fields: REVOCATION } } } },
  ),
};

export const portableReceiptLabel: Label = {
  elements: [
    { name: 'label' },
    { name: 'version' },
    { name: 'event', content: eventLabel },
    { name: 'receipt', content: receiptLabel },
    { name: 'certificate', content: certificateLabel },
  ],
};
