/**
 * A forward: sealed records of one device that a gateway read, on their way to the gateway that counts. What the device
 * signed proves the records; what the forwarding gateway signs says when it read them (SPEC.md, Forward).
 */
import { equalBytes } from '../bytes.js';
import { type CborValue, decodeStrict, encode, entries, Fields } from '../cbor/index.js';
import { decodeCose, externalAad, sign1, verifySign1 } from '../cose/index.js';
import { type PrivateKey, sha256 } from '../crypto/index.js';
import type { Certificate, TrustStore } from '../cwt/index.js';
import { ForwardError, LogError } from '../errors.js';
import type { VerificationKey } from '../keys/index.js';
import {
  chainHash,
  genesisHash,
  HASH_BYTES,
  LOG_ID_BYTES,
  logIdOf,
  receiveRecord,
  type SealedRecord,
  type SealedRecords,
  verifySeal,
} from '../log/index.js';

/** Records of one forward, each with three bytes around it: with all else the message stays below 64 KiB. */
export const MAX_FORWARDED_BYTES = 48_000;

/** What a device's log continues, as it says in `identity`. */
interface EarlierLog {
  readonly logId: Uint8Array;
  readonly seq: number;
  readonly head: Uint8Array;
}

export interface Forward {
  readonly site: string;
  /** Who read the device: the subject of the signer's certificate. */
  readonly gateway: string;
  /** Chosen by the sender: the answer names it. */
  readonly number: number;
  /** The device's certificate, CWT bytes. */
  readonly certificate: Uint8Array;
  readonly epoch: number;
  readonly previous?: EarlierLog | undefined;
  /** Sequence number of the first record. */
  readonly from: number;
  /** `h(from - 1)`, as the sender has it. */
  readonly before: Uint8Array;
  /** Lowest number that the device could still be asked for. */
  readonly oldest: number;
  /** As the device logged them; at least one. */
  readonly records: readonly Uint8Array[];
  /** The device's seal over the last of them, COSE bytes. */
  readonly seal: Uint8Array;
  /** Unix seconds of the sender's clock, before it asked for the seal and after it had it. */
  readonly asked: number;
  readonly answered: number;
}

/** A forward whose sender is a gateway of the site; nothing of the device verified. */
export interface OpenedForward extends Forward {
  /** SHA-256 of the signed payload: what the answer is bound to. */
  readonly digest: Uint8Array;
}

/** @param own the sender's certificate, CWT bytes */
export function signForward(key: PrivateKey, own: Uint8Array, forward: Forward): Uint8Array {
  const { previous } = forward;
  const payload = encode(
    entries(
      [1, forward.site],
      [2, forward.gateway],
      [3, forward.number],
      [4, own],
      [5, forward.certificate],
      [6, forward.epoch],
      [7, previous && [previous.logId, previous.seq, previous.head]],
      [8, forward.from],
      [9, forward.before],
      [10, forward.oldest],
      [11, [...forward.records]],
      [12, forward.seal],
      [13, forward.asked],
      [14, forward.answered],
    ),
  );
  return sign1(key, externalAad('forward', forward.site), payload);
}

/** `now` is Unix seconds. */
export interface ForwardDemand {
  readonly trust: TrustStore;
  readonly site: string;
  readonly now: number | undefined;
}

/**
 * Opens a forward as the gateway that it is for: its sender is a certified gateway of the site.
 * @throws ForwardError `forward/shape`, `forward/refused`; CborError, CoseError, CertificateError
 */
export function openForward(bytes: Uint8Array, { trust, site, now }: ForwardDemand): OpenedForward {
  const message = decodeCose(bytes);
  const payload = message.payload ?? new Uint8Array();
  const { forward, own } = read(payload);
  const sender: Certificate = trust.verify(own, { roles: ['gateway'], site, now });
  verifySign1(message, sender.key, externalAad('forward', site));
  if (forward.site !== site || forward.gateway !== sender.subject) {
    throw new ForwardError('forward/refused', `signed by ${sender.subject} in the name of another`);
  }
  return { ...forward, digest: sha256(payload) };
}

function read(payload: Uint8Array): { readonly forward: Forward; readonly own: Uint8Array } {
  const fields = Fields.of(decodeStrict(payload), 'forward');
  const records = fields.array(11);
  const forward: Forward = {
    site: fields.text(1),
    gateway: fields.text(2),
    number: fields.uint(3),
    certificate: fields.bytes(5),
    epoch: fields.uint(6),
    previous: fields.has(7) ? earlierLog(fields.array(7)) : undefined,
    from: fields.uint(8),
    before: fields.bytes(9, HASH_BYTES),
    oldest: fields.uint(10),
    records: records.filter((record) => record instanceof Uint8Array),
    seal: fields.bytes(12),
    asked: fields.uint(13),
    answered: fields.uint(14),
  };
  const { from, oldest, asked, answered } = forward;
  const isWhole = records.length > 0 && forward.records.length === records.length;
  const last = from + records.length - 1;
  if (!isWhole || from < 1 || oldest < 1 || oldest > from || last > 0xffff_ffff || asked > answered) {
    throw new ForwardError('forward/shape', 'a forward of no possible records');
  }
  return { forward, own: fields.bytes(4) };
}

function earlierLog(parts: readonly CborValue[]): EarlierLog {
  const [logId, seq, head] = parts;
  const isOne =
    parts.length === 3 &&
    logId instanceof Uint8Array &&
    logId.length === LOG_ID_BYTES &&
    typeof seq === 'number' &&
    head instanceof Uint8Array &&
    head.length === HASH_BYTES;
  if (!isOne) throw new ForwardError('forward/shape', 'an earlier log that is none');
  return { logId, seq, head };
}

/** Of which device and log the records are, by a certificate that the caller has verified. */
export interface ForwardedDevice {
  readonly device: string;
  readonly thumbprint: Uint8Array;
  readonly key: VerificationKey;
}

export interface ForwardedRecords extends SealedRecords {
  readonly logId: Uint8Array;
  /** `h(0)` */
  readonly genesis: Uint8Array;
}

/**
 * Verifies that the device sealed exactly this story: the log is its own, and the records follow one another from
 * `before` to the seal's end. Where they join what is stored is the caller's to check, and shows a fork.
 *
 * @throws LogError `seal/signature`, `seal/log`, `seal/range`, `log/mismatch`, `log/gap`; CborError
 */
export function verifyForwarded(
  forward: Forward,
  { device, thumbprint, key }: ForwardedDevice,
): ForwardedRecords {
  const { site, epoch, previous, from, before } = forward;
  const genesis = genesisHash({ site, device, thumbprint, epoch, previous });
  const logId = logIdOf(genesis);
  const seal = verifySeal(forward.seal, key, site);
  if (!equalBytes(seal.logId, logId)) throw new LogError('seal/log', 'a seal of another log');
  const last = from + forward.records.length - 1;
  if (seal.last !== last || seal.first > last + 1) {
    throw new LogError('seal/range', `the seal ends at ${seal.last}, the records at ${last}`);
  }
  let hash = before;
  const records = forward.records.map((bytes, i): SealedRecord => {
    const received = { ...receiveRecord(bytes, from + i), previous: hash };
    hash = chainHash(hash, bytes);
    return received;
  });
  const atFirst = seal.first > last ? hash : records[seal.first - from]?.previous;
  const isOne =
    equalBytes(hash, seal.hashLast) &&
    (atFirst === undefined || equalBytes(atFirst, seal.hashBefore)) &&
    (from > 1 || equalBytes(before, genesis));
  if (!isOne) throw new LogError('log/mismatch', `records ${from} to ${last} do not hash to the seal`);
  return { seal, records, hash, logId, genesis };
}
