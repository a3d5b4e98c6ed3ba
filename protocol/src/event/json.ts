/** The JSON twin of an event message: a CloudEvents 1.0 envelope, and a pure function of the COSE bytes (SPEC.md, JSON twin). */
import { toHex } from '../bytes.js';
import { decodeStrict, type CborValue } from '../cbor/index.js';
import { toBase64 } from '../crypto/index.js';
import { decodeCose } from '../cose/index.js';
import { EventError } from '../errors.js';
import { TOPIC_ROOT } from '../topics.js';
import { decodeEvent } from './event.js';

/**
 * For people's own tools. `data.cose` holds the event message itself, so the twin can still be verified.
 * @throws EventError `event/shape`, CborError, CoseError
 */
export function eventJson(message: Uint8Array): string {
  const parts = decodeStrict(message);
  const [bytes, receipt] = Array.isArray(parts) ? (parts as CborValue[]) : [];
  if (!(bytes instanceof Uint8Array) || !(receipt instanceof Uint8Array)) {
    throw new EventError('event/shape', 'not [event, receipt]');
  }
  const event = decodeEvent(bytes);
  const signer = toHex(decodeCose(receipt).kid);
  return JSON.stringify({
    specversion: '1.0',
    id: `${signer}-${event.epoch}-${event.seq}`,
    source: `${TOPIC_ROOT}/${event.site}/${event.gateway}`,
    type: `timeband.${event.type}`,
    time: new Date(event.recorded * 1000).toISOString(),
    datacontenttype: 'application/json',
    data: {
      site: event.site,
      gateway: event.gateway,
      seq: event.seq,
      device: event.device,
      log: toHex(event.logId),
      logSeq: event.logSeq,
      evidence: event.evidence,
      earliest: event.time.earliest ?? null,
      latest: event.time.latest,
      band: event.band ?? null,
      minutes: event.minutes ?? null,
      vouched: event.vouched ?? null,
      act: event.act === undefined ? null : toHex(event.act),
      cose: toBase64(message),
    },
  });
}
