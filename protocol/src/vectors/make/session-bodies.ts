/** What is said in the session that the EDHOC vectors open, and COSE_Encrypt0 by itself. */
import { concat } from '../../bytes.js';
import { encode } from '../../cbor/index.js';
import { coseLabel, type Label } from '../../cbor-text/index.js';
import { encryptCose0 } from '../../cose/index.js';
import { SecureChannel } from '../../session/channel.js';
import { exporter } from '../../session/edhoc/index.js';
import { OP, TIMEBAND_GROUP } from '../../smp/index.js';
import { seedOf } from '../../test-support/keys.js';
import type { VectorCase, VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { prkOut } from './session.js';

const body: Label = { fields: { 0: { ...coseLabel(), name: 'COSE_Encrypt0' } } };

export const bodyFile = (): VectorFile => {
  const address = { op: OP.read, group: TIMEBAND_GROUP, id: 1 };
  const channel = new SecureChannel(exporter(prkOut), 'gateway');
  const plain = encode(new Map([[1, 1]]));
  const one = channel.seal(address, plain).payload;
  const two = channel.seal(address, plain).payload;
  const context = { prkOut, side: 'device', ...address };
  const answering = new SecureChannel(exporter(prkOut), 'device');
  const answerAddress = { ...address, op: OP.readResponse };
  const answer = answering.seal(answerAddress, plain, 1).payload;
  const toGateway = { prkOut, side: 'gateway', ...answerAddress, request: 1 };
  const refused = (
    name: string,
    bytes: Uint8Array,
    code: Parameters<typeof invalid>[2],
    changed: object,
  ): VectorCase => invalid(name, bytes, code, { label: body, context: { ...context, ...changed } });
  return vectorFile(
    {
      structure: 'session-body',
      section: 'Session',
      about:
        'Payloads said in the session that the EDHOC vectors open. The context has the command, and what was opened before.',
    },
    {},
    [
      valid(
        'a request',
        one,
        { counter: 0, payload: plain },
        { label: body, context, cddl: 'protected-body' },
      ),
      valid(
        'the next request',
        two,
        { counter: 1, payload: plain },
        { label: body, context: { ...context, before: [one] } },
      ),
      valid(
        'an answer to request 1',
        answer,
        { counter: 0, payload: plain },
        { label: body, context: toGateway },
      ),
      refused('a request replayed', one, 'session/replay', { before: [one] }),
      refused('an earlier request after a later one', one, 'session/replay', { before: [two] }),
      refused('a request for another command', one, 'session/proof', { id: 2 }),
      refused('a request sent back to its sender', one, 'session/proof', { side: 'gateway' }),
      refused('one bit changed', damaged(one), 'session/proof', {}),
      refused('a body in clear', plain, 'session/message', {}),
      invalid('an answer to another request', answer, 'session/proof', {
        label: body,
        context: { ...toGateway, request: 0 },
      }),
    ],
  );
};

export const encrypt0File = (): VectorFile => {
  const key = seedOf('encrypt0').subarray(0, 16);
  const iv = seedOf('common iv').subarray(0, 13);
  const aad = encode(['timeband', 1, 'session', 0, TIMEBAND_GROUP, 1]);
  const plaintext = encode(new Map([[1, 1]]));
  const context = { key, iv, aad };
  const about = { label: coseLabel(), context };
  const message = encryptCose0({ key, iv }, 0, aad, plaintext);
  const wide = encryptCose0({ key, iv }, 0x01_02_03, aad, plaintext);
  return vectorFile(
    {
      structure: 'encrypt0',
      section: 'Session',
      about: 'COSE_Encrypt0 with AES-CCM-16-64-128. The context has key, common IV and external_aad.',
    },
    {},
    [
      valid('Partial IV 0', message, { partialIv: 0, plaintext }, { ...about, cddl: 'encrypt0' }),
      valid(
        'Partial IV of three bytes',
        wide,
        { partialIv: 0x01_02_03, plaintext },
        { ...about, cddl: 'encrypt0' },
      ),
      invalid('one bit changed', damaged(message), 'cose/decrypt', about),
      invalid('other external data', message, 'cose/decrypt', {
        label: coseLabel(),
        context: { ...context, aad: plaintext },
      }),
      invalid(
        'another algorithm',
        message.map((byte, i) => (i === 4 ? 0x0b : byte)),
        'cose/algorithm',
        about,
      ),
      invalid('no tag', message.subarray(1), 'cose/structure', about),
      invalid(
        'an array of four',
        concat(Uint8Array.of(0xd0), encode([new Uint8Array(), new Map(), null, plaintext])),
        'cose/structure',
        about,
      ),
    ],
  );
};
