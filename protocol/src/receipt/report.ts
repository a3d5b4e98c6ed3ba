/** What a verified receipt says, as plain values for programs and for whoever puts it into words. */
import { toHex } from '../bytes.js';
import { TimebandError } from '../errors.js';
import type { Event, Evidence } from '../event/index.js';
import { decodeRecord } from '../log/index.js';
import { KIND, readPunch, type Direction } from '../records/index.js';
import type { VerifiedReceipt } from './receipt.js';

/** JSON as it stands: ids, numbers and hexadecimal; null where there is nothing. Times are Unix seconds. */
export interface ReceiptReport {
  readonly site: string;
  readonly gateway: string;
  readonly device: string;
  readonly type: string;
  /** The band or tag that it is of. */
  readonly band: string | null;
  readonly direction: Direction | null;
  /** Number in the site's catalogue. */
  readonly service: number | null;
  readonly minutes: number | null;
  /** Not before; null where nothing bounds it below. */
  readonly earliest: number | null;
  /** Not after. */
  readonly latest: number;
  /** When the gateway stored it. */
  readonly recorded: number;
  readonly evidence: Evidence;
  /** `gateway` where the device only MACs, so that nobody but the gateway could check its word. */
  readonly vouched: 'gateway' | null;
  /** Where the event stands in its gateway's log. */
  readonly position: { readonly epoch: number; readonly seq: number; readonly hash: string };
  /** The signed head that it was proven under. */
  readonly head: { readonly size: number; readonly root: string; readonly issued: number };
  readonly signer: { readonly issuer: string; readonly notBefore: number; readonly expires: number };
}

export function describeReceipt({ event, eventHash, head, certificate }: VerifiedReceipt): ReceiptReport {
  const punch = punchOf(event);
  return {
    site: event.site,
    gateway: event.gateway,
    device: event.device,
    type: event.type,
    band: event.band ?? null,
    direction: punch?.direction ?? null,
    service: punch?.service ?? null,
    minutes: event.minutes ?? null,
    earliest: event.time.earliest ?? null,
    latest: event.time.latest,
    recorded: event.recorded,
    evidence: event.evidence,
    vouched: event.vouched ?? null,
    position: { epoch: event.epoch, seq: event.seq, hash: toHex(eventHash) },
    head: { size: head.size, root: toHex(head.root), issued: head.issued },
    signer: {
      issuer: certificate.issuer,
      notBefore: certificate.notBefore,
      expires: certificate.expires,
    },
  };
}

/** A record that this version cannot read is still proven; it only has less to say. */
function punchOf(event: Event) {
  try {
    const record = decodeRecord(event.record);
    return record.kind === KIND.punch ? readPunch(record.body) : undefined;
  } catch (error) {
    if (!(error instanceof TimebandError)) throw error;
    return undefined;
  }
}
