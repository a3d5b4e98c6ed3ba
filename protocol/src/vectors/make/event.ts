/** Event messages with their receipts, and the JSON twin. */
import { eventMessageLabel } from '../../cbor-text/index.js';
import { encode } from '../../cbor/index.js';
import {
  encodeCommit,
  encodeEvent,
  eventHash,
  MerkleTree,
  signCommit,
  type Event,
} from '../../event/index.js';
import { keyId } from '../../cose/index.js';
import { toBase64 } from '../../crypto/index.js';
import { toHex } from '../../bytes.js';
import type { VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { certificates, eventBytes, events, keys, messages, site } from './scene.js';

const signer = keyId(keys.gateway.publicKey);
const context = { issuer: 'issuer', site, certificate: certificates.gateway };
const label = eventMessageLabel;
const about = { label, context, cddl: 'event-message' };
const [first, second] = messages as [Uint8Array, Uint8Array];
const [firstEvent, secondEvent] = events as [Event, Event];
const [firstBytes, secondBytes] = eventBytes as [Uint8Array, Uint8Array];

/** A commit of one. */
function alone(event: Event, key = keys.gateway): Uint8Array {
  const bytes = encodeEvent(event);
  const tree = new MerkleTree([eventHash(bytes)]);
  return encodeCommit([bytes], tree, signCommit(key, site, tree.root))[0] ?? bytes;
}

export const eventFile = (): VectorFile => {
  const single = { ...secondEvent, evidence: 1, minutes: 45, time: { latest: 1_750_003_602 } } as const;
  return vectorFile(
    {
      structure: 'event',
      section: 'Event',
      about:
        'Event messages of a gateway whose certificate is in the context, with the hash of the event before where it is known.',
    },
    { issuer: keys.issuer, gateway: keys.gateway, stranger: keys.stranger },
    [
      valid(
        'the first of a commit of two',
        first,
        { event: firstEvent, hash: eventHash(firstBytes), signer },
        about,
      ),
      valid(
        'the second of a commit of two, after the first',
        second,
        { event: secondEvent, hash: eventHash(secondBytes), signer },
        { ...about, context: { ...context, previous: eventHash(firstBytes) } },
      ),
      valid(
        'a commit of one; the time is open below',
        alone(single),
        { event: single, hash: eventHash(encodeEvent(single)), signer },
        about,
      ),
      invalid('not after the event that is known', second, 'event/chain', {
        label,
        context: { ...context, previous: eventHash(secondBytes) },
      }),
      invalid('one byte of the event changed', changed(second), 'event/signature', { label, context }),
      invalid('one bit of the signature changed', damaged(second), 'event/signature', { label, context }),
      invalid('by a gateway that nobody certified', alone(firstEvent, keys.stranger), 'event/signature', {
        label,
        context,
      }),
      invalid(
        'an event of another gateway',
        alone({ ...firstEvent, gateway: 'gateway-2' }),
        'event/signature',
        { label, context },
      ),
      invalid('no receipt', encode([firstBytes]), 'event/shape', { label, context }),
      invalid('the event bare', firstBytes, 'event/shape', { label, context }),
    ],
  );
};

/** The last letter of the band's id. */
function changed(message: Uint8Array): Uint8Array {
  const out = Uint8Array.from(message);
  const end = 4 + secondBytes.length - 1;
  out[end] = (out[end] ?? 0) ^ 1;
  return out;
}

export const jsonTwins = (): VectorFile =>
  vectorFile(
    {
      structure: 'json-twin',
      section: 'JSON twin',
      about: 'What stands on the JSON topic beside an event message.',
    },
    { issuer: keys.issuer, gateway: keys.gateway },
    [
      valid(
        'of a punch',
        second,
        {
          specversion: '1.0',
          id: `${toHex(signer)}-1-2`,
          source: `tb/1/${site}/gateway-1`,
          type: 'timeband.punch',
          time: '2025-06-15T16:06:42.000Z',
          datacontenttype: 'application/json',
          data: {
            ...{
              site,
              gateway: 'gateway-1',
              seq: 2,
              device: 'reader-1',
              log: toHex(secondEvent.logId),
              logSeq: 2,
            },
            ...{
              evidence: 0,
              earliest: 1_750_003_598,
              latest: 1_750_003_602,
              band: secondEvent.band,
              minutes: null,
              vouched: null,
              act: null,
            },
            cose: toBase64(second),
          },
        },
        { label, context },
      ),
      invalid('of something that is no event message', encode([1, 2]), 'event/shape', { label, context }),
    ],
  );
