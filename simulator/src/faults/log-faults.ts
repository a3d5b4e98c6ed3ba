/** Lies about the log and the identity: what a faulty, tampered or cloned reader tells (SPEC.md, Forks). */
import {
  chainHash,
  COMMAND,
  decodeRecord,
  encode,
  encodeRecord,
  genesisHash,
  issueCertificate,
  OP,
  PrivateKey,
  randomBytes,
  readUnverifiedCertificate,
  SALT_BYTES,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { NorFlash } from '../firmware/flash.js';
import type { Device } from '../firmware/device.js';
import { RecordRing } from '../firmware/record-ring.js';
import { mountStatePage } from '../firmware/state-page.js';
import { type Behaviour, bodyOf, changingAnswer, type Fault } from './behaviour.js';

export const LOG_FAULTS = {
  'seal-bad-signature': {
    description: 'seals with one bit of the signature wrong',
    create: () => changingAnswer(COMMAND.seal, flipLastBit),
  },
  'seal-wrong-nonce': {
    description: 'seals that answer another nonce than was asked',
    create: () => ({
      onRequest: (request) => {
        const { group, id, op } = request;
        if (group !== TIMEBAND_GROUP || id !== COMMAND.seal.id || op !== OP.read) return undefined;
        const asked = COMMAND.seal.decodeRequest(bodyOf(request) ?? new Map());
        const payload = encode(COMMAND.seal.encodeRequest({ ...asked, nonce: flipLastBit(asked.nonce) }));
        return { ...request, payload };
      },
    }),
  },
  'records-mismatch': {
    description: 'records that do not hash to the seal',
    create: () => changingAnswer(COMMAND.records, (records) => records.map(flipLastBit)),
  },
  gap: {
    description: 'one record left out wherever more than one is answered',
    create: () =>
      changingAnswer(COMMAND.records, (records) =>
        records.length < 2 ? undefined : records.filter((_, index) => index !== records.length - 2),
      ),
  },
  replay: {
    description: 'every seal is the first one again',
    create: () => {
      let first: Uint8Array | undefined;
      return changingAnswer(COMMAND.seal, (seal) => {
        if (first !== undefined) return first;
        first = seal;
        return undefined;
      });
    },
  },
  fork: {
    description: 'after an ack the newest acknowledged record is another one, chained and sealed to match',
    create: ({ reader, flash }) =>
      afterOneAck(
        () => true,
        () => {
          flash.restore(forkedImage(reader, flash));
          reader.reboot();
        },
      ),
  },
  rollback: {
    description: 'after an ack the flash is as it was when the fault was set: head below the ack',
    create: ({ reader, flash }) => {
      const image = flash.image();
      const { head } = reader.status(0);
      return afterOneAck(
        () => reader.identity().acked > head + 1, // the restart logs one record again
        () => {
          flash.restore(image);
          reader.reboot();
        },
      );
    },
  },
  stranger: {
    description: 'a certificate by an issuer that nobody knows',
    create: () => {
      const issuer = PrivateKey.generate();
      return changingAnswer(COMMAND.certificate, (certificate) =>
        issueCertificate(issuer, readUnverifiedCertificate(certificate)),
      );
    },
  },
  'wrong-site': {
    description: 'a certificate of another site',
    create: ({ issuerKey }) =>
      changingAnswer(COMMAND.certificate, (certificate) =>
        issueCertificate(issuerKey, { ...readUnverifiedCertificate(certificate), site: 'elsewhere' }),
      ),
  },
} as const satisfies Record<string, Fault>;

function flipLastBit(bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice();
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  return changed;
}

/** Does something after the first ack for which `when` holds, and never again. */
function afterOneAck(when: () => boolean, action: () => void): Behaviour {
  let done = false;
  return {
    onAcked: () =>
      done || !when()
        ? undefined
        : () => {
            done = true;
            action();
          },
  };
}

/** Flash as it would be had the newest acknowledged record been another one from the start. */
function forkedImage(reader: Device, flash: NorFlash): Uint8Array {
  const state = mountStatePage(flash).content;
  if (state === undefined) throw new Error('a reader that runs has a state');
  const told = new RecordRing(flash, state.epoch);
  const forged = new NorFlash(flash.sectors);
  const ring = new RecordRing(forged, state.epoch);
  const victim = state.acked.seq;
  let { acked } = state;
  let hash = genesisOf(reader);
  for (let seq = told.oldest; seq <= told.head; seq++) {
    const record = told.record(seq) ?? new Uint8Array();
    const retold = seq === victim ? resalted(record) : record;
    hash = seq < victim ? (told.hash(seq) ?? hash) : chainHash(hash, retold);
    if (seq === victim) acked = { seq, hash };
    ring.append(seq, hash, retold);
  }
  mountStatePage(forged).write({ ...state, acked, sealed: acked });
  return forged.image();
}

function genesisOf(reader: Device): Uint8Array {
  const { device, epoch, previous } = reader.identity();
  const { site, thumbprint } = readUnverifiedCertificate(reader.certificate);
  return genesisHash({ site, device, thumbprint, epoch, previous });
}

/** The same record with another salt: just as sound, and not the one that was acknowledged. */
function resalted(record: Uint8Array): Uint8Array {
  return encodeRecord({ ...decodeRecord(record), salt: randomBytes(SALT_BYTES) });
}
