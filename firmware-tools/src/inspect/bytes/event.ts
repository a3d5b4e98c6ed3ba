/** Events, alone, in messages and in portable receipts. */
import { type CborValue, decodeEvent, EventVerifier, TimebandError, verifyReceipt } from '@timeband/protocol';
import { annotate, eventLabel, eventMessageLabel, portableReceiptLabel } from '@timeband/protocol/cbor-text';
import { decodeCertificate } from './cose.js';
import { bad, type Finding, good, type Judgement, unjudged } from './finding.js';
import { guarded } from './guarded.js';
import { plain, utc } from './plain.js';
import { decodeRecordBytes } from './record.js';
import type { Signers } from './signers.js';

/** An event by itself, without its receipt. @throws CborError, EventError */
export function eventFinding(bytes: Uint8Array): Finding {
  const event = decodeEvent(bytes);
  const { record, ...rest } = event;
  return {
    ...{ what: 'event', bytes: bytes.length, lines: annotate(bytes, eventLabel) },
    says: `${event.type} of ${event.device} at ${event.site}, number ${event.seq} of ${event.gateway}, ${utc(event.recorded)}`,
    verdicts: [good('well-formed')],
    value: plain(rest),
    parts: [guarded('record', record, decodeRecordBytes)],
  };
}

/** `[event, receipt]`, as on a topic. */
export function decodeMessage(
  bytes: Uint8Array,
  [event, receipt]: readonly CborValue[],
  signers: Signers,
): Finding {
  const parts = [event, receipt].filter((part) => part instanceof Uint8Array);
  return {
    ...{ what: 'event message', bytes: bytes.length, lines: annotate(bytes, eventMessageLabel) },
    says: 'an event and the gateway’s signature over the commit that it is in',
    verdicts: [messageVerdict(bytes, signers)],
    parts: parts.slice(0, 1).map((part) => guarded('event', part, eventFinding)),
  };
}

function messageVerdict(bytes: Uint8Array, signers: Signers): Judgement {
  const verifier = new EventVerifier();
  for (const gateway of signers.knownGateways) verifier.trust(gateway);
  if (signers.knownGateways.length === 0)
    return unjudged("not verified: give the issuer (--issuer) and the gateway's certificate (--certificate)");
  try {
    const { event } = verifier.verify(bytes);
    return good(`signed by ${event.gateway} at ${event.site}`);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return bad(error);
  }
}

/** `["tb-receipt", 1, …]` */
export function decodePortable(bytes: Uint8Array, parts: readonly CborValue[], signers: Signers): Finding {
  const [, , event, , certificate] = parts;
  if (certificate instanceof Uint8Array) signers.learn(certificate);
  return {
    ...{ what: 'portable receipt', bytes: bytes.length, lines: annotate(bytes, portableReceiptLabel) },
    says: certificate === undefined ? 'compact: without the certificate of its gateway' : '',
    verdicts: [receiptVerdict(bytes, signers)],
    parts: [
      ...(event instanceof Uint8Array ? [guarded('event', event, eventFinding)] : []),
      ...(certificate instanceof Uint8Array ? [decodeCertificate(certificate, signers)] : []),
    ],
  };
}

function receiptVerdict(bytes: Uint8Array, { trust, issuer, knownGateways }: Signers): Judgement {
  if (trust === undefined || issuer === undefined)
    return unjudged('not verified: give the issuer (--issuer)');
  try {
    const certificate = knownGateways[0]?.bytes;
    const { head } = verifyReceipt(bytes, { trust, site: issuer.site, certificate });
    return good(`stands in the log of ${head.gateway}, which signed ${head.size} events`);
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return bad(error);
  }
}
