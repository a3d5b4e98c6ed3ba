/** What the fields of requests and answers of group 84 are called, by the command's name. The names are SPEC.md's. */
import type { COMMAND } from '../smp/index.js';
import type { Label } from './annotate.js';
import {
  ackLabel,
  answerLabel,
  certificateLabel,
  clockLabel,
  coseKeyLabel,
  coseLabel,
  numbered,
  recordLabel,
  sealLabel,
} from './labels.js';

export interface CommandLabels {
  readonly request?: Label;
  readonly answer?: Label;
}

const fields = (...names: readonly (string | Label)[]): Label => ({ fields: numbered(...names) });
const signed = (name: string, payload?: Label): Label => ({
  fields: { 1: { name, content: coseLabel(payload) } },
});
const shown: Label = { fields: { 1: { name: 'certificate', content: certificateLabel } } };
const record: Label = { content: recordLabel() };
const ALGORITHMS = { [-8]: 'EdDSA', [-7]: 'ES256', 5: 'HMAC 256/256' };
const DIRECTION: Label = { name: 'direction', values: { 0: 'none', 1: 'in', 2: 'out' } };

export const COMMAND_LABELS: Readonly<Record<keyof typeof COMMAND, CommandLabels>> = {
  identity: {
    answer: fields(
      ...['device', 'firmware', 'hardware', 'boot', 'log id', 'epoch', 'oldest', 'acked'],
      ...['earlier log id', 'earlier seq', 'earlier head'],
    ),
  },
  status: {
    request: fields('seen'),
    answer: fields('head', 'sealed', 'boot', 'full', { ...record, name: 'newest' }),
  },
  records: { request: fields('from', 'bytes'), answer: fields({ name: 'records', each: record }) },
  seal: { request: fields('nonce', 'upto'), answer: signed('seal', sealLabel) },
  ack: { request: signed('ack', ackLabel), answer: fields('acked') },
  clockNonce: { answer: fields('nonce') },
  clock: { request: signed('clock document', clockLabel) },
  feedback: {
    request: fields(
      'seq',
      { name: 'outcome', values: { 1: 'accepted', 2: 'refused', 3: 'queued' } },
      ...['minutes', 'balance'],
      {
        name: 'because',
        values: {
          ...{ 1: 'its proof does not hold', 2: 'its band is not known', 3: 'again' },
          ...{ 4: 'nothing', 5: 'too few minutes' },
        },
      },
    ),
  },
  hello: { request: shown },
  certificate: { request: fields('kid'), answer: shown },
  handshake: {
    request: fields({ name: 'method', values: { 1: 'EDHOC', 2: 'mutual MAC' } }, 'message', 'nonce'),
    answer: { fields: { 2: { name: 'message' } } },
  },
  policies: {
    answer: fields({ name: 'policies', each: { elements: [{ name: 'type' }, { name: 'number' }] } }),
  },
  put: {
    request: fields(
      { name: 'what', values: { 1: 'policy', 2: 'receipt', 3: 'certificate', 4: 'grant', 5: 'wipe' } },
      ...['offset', 'data', 'total'],
    ),
    answer: fields('next'),
  },
  challenge: {
    request: fields(
      'nonce',
      { name: 'what', values: { 1: 'punch', 2: 'redeem', 3: 'enrol', 4: 'possession' } },
      ...['challenger', 'service'],
      DIRECTION,
    ),
    answer: signed('answer', answerLabel),
  },
  meet: { request: fields('nonce', 'service'), answer: fields('nonce') },
  attest: { request: fields('statement', 'the asker’s word'), answer: fields('the device’s word') },
  factory: {
    answer: fields(
      { name: 'state', values: { 0: 'blank', 1: 'keyed', 2: 'provisioned' } },
      ...['serial', 'hardware', 'firmware'],
      { name: 'algorithms', each: { values: ALGORITHMS } },
      ...['thumbprint', 'device', 'site'],
      { name: 'role', values: { 4: 'reader', 5: 'band' } },
    ),
  },
  makeKey: {
    request: fields({ name: 'algorithm', values: ALGORITHMS }),
    answer: fields({ ...coseKeyLabel, name: 'COSE_Key' }),
  },
  possession: {
    request: fields('nonce', 'site'),
    answer: signed('proof', fields('nonce', 'serial', { ...coseKeyLabel, name: 'COSE_Key' })),
  },
  resolvingKey: { answer: fields('IRK') },
};
