import { describe, expect, it } from 'vitest';
import { encode } from '../cbor/index.js';
import { externalAad, KID_BYTES, sign1 } from '../cose/index.js';
import { ALG, PrivateKey } from '../crypto/index.js';
import { issueCertificate } from '../cwt/index.js';
import { MAX_ID_LENGTH } from '../ids.js';
import {
  CLOCK_NONCE_BYTES,
  HASH_BYTES,
  LOG_ID_BYTES,
  SEAL_NONCE_BYTES,
  signAck,
  signClock,
  signSeal,
} from '../log/index.js';
import { signPossession } from '../provisioning/index.js';
import { HEADER_BYTES } from './header.js';
import { DEFAULT_PARAMETERS } from './os-group.js';
import type { Command } from './command.js';
import { MAX_HELD_POLICIES } from './exchange-commands.js';
import { COMMAND, DEFAULT_RECORDS_BYTES } from './timeband-group.js';

/** Everything as long as it may be: ids, numbers, text, hashes, and the longer of the two kinds of key. */
const number = 0xffff_ffff;
const id = 'i'.repeat(MAX_ID_LENGTH);
const ids = { site: id, device: id, gateway: id };
const text = 't'.repeat(64);
const logId = new Uint8Array(LOG_ID_BYTES);
const hash = new Uint8Array(HASH_BYTES);
const key = PrivateKey.generate(ALG.ES256);
const record = new Uint8Array(349);

const certificate = issueCertificate(key, {
  ...{ issuer: id, subject: id, role: 'gateway', site: id, key: key.publicKey },
  ...{ notBefore: number, expires: number },
});
const ack = signAck(key, {
  ...ids,
  ...{ logId, upto: number, hash, revocations: number, durability: 'city' },
});
const nonce = new Uint8Array(CLOCK_NONCE_BYTES);
const clock = signClock(key, { ...ids, nonce, wall: number });
const sealNonce = new Uint8Array(SEAL_NONCE_BYTES);
const seal = signSeal(key, id, {
  ...{ logId, first: number, last: number, hashBefore: hash, hashLast: hash, nonce: sealNonce },
  ...{ boot: number, uptime: number, time: { quality: 'set', wall: number, age: number } },
});

/** A word on a visit, detached, and a statement with two ids in it. */
const word = sign1(key, externalAad('attest', id), new Uint8Array(1), { detached: true });
const statement = new Uint8Array(160);
const answer = sign1(key, externalAad('answer', id), new Uint8Array(90));

/** `handshake` is left out: a device that makes sessions has a buffer of 512 bytes (SPEC.md, Session). */
const LONGEST: Readonly<
  Record<Exclude<keyof typeof COMMAND, 'handshake'>, readonly [request: number, answer: number]>
> = {
  identity: packets(COMMAND.identity, undefined, {
    ...{ device: id, firmware: text, hardware: text, boot: number, logId, epoch: number },
    ...{ oldest: number, acked: number, previous: { logId, seq: number, head: hash } },
  }),
  status: packets(
    COMMAND.status,
    { seen: number },
    { head: number, sealed: number, boot: number, full: true, newest: record },
  ),
  records: packets(COMMAND.records, { from: number, bytes: number }, [record]),
  seal: packets(COMMAND.seal, { nonce: sealNonce, upto: number }, seal),
  ack: packets(COMMAND.ack, ack, { acked: number }),
  clockNonce: packets(COMMAND.clockNonce, undefined, nonce),
  clock: packets(COMMAND.clock, clock, undefined),
  feedback: packets(
    COMMAND.feedback,
    { seq: number, outcome: 'queued', minutes: number, balance: number },
    undefined,
  ),
  hello: packets(COMMAND.hello, certificate, undefined),
  certificate: packets(COMMAND.certificate, new Uint8Array(KID_BYTES), certificate),
  policies: packets(
    COMMAND.policies,
    undefined,
    Array.from({ length: MAX_HELD_POLICIES }, () => ({ type: number, number })),
  ),
  put: packets(
    COMMAND.put,
    { what: 'policy', offset: number, data: new Uint8Array(357), total: number },
    { next: number },
  ),
  challenge: packets(
    COMMAND.challenge,
    { nonce: sealNonce, what: 'punch', challenger: id, service: number, direction: 'in' },
    answer,
  ),
  meet: packets(COMMAND.meet, { nonce: sealNonce, service: number }, sealNonce),
  factory: packets(COMMAND.factory, undefined, {
    ...{
      state: 'provisioned',
      role: 'band',
      serial: id,
      hardware: text,
      firmware: text,
      algorithms: [-8, -7, 5],
    },
    ...{ thumbprint: hash, device: id, site: id },
  }),
  makeKey: packets(COMMAND.makeKey, { algorithm: ALG.ES256 }, key.publicKey),
  possession: packets(
    COMMAND.possession,
    { nonce: sealNonce, site: id },
    signPossession(key, id, { nonce: sealNonce, site: id }),
  ),
  resolvingKey: packets(COMMAND.resolvingKey, undefined, sealNonce),
  attest: packets(COMMAND.attest, { statement, answer: word }, word),
};

/** Bytes of the two packets. */
function packets<Request, Answer>(
  command: Command<Request, Answer>,
  request: Request,
  answer: Answer,
): readonly [number, number] {
  return [
    HEADER_BYTES + encode(command.encodeRequest(request)).length,
    HEADER_BYTES + encode(command.encodeAnswer(answer)).length,
  ];
}

describe('the smallest buffer that a device may have', () => {
  it.each(Object.entries(LONGEST))('holds the longest request and answer of %s', (_, [request, answer]) => {
    expect(request).toBeLessThanOrEqual(DEFAULT_PARAMETERS.bufferBytes);
    expect(answer).toBeLessThanOrEqual(DEFAULT_PARAMETERS.bufferBytes);
  });

  it('holds the longest record within what `records` returns when no limit is asked for', () => {
    expect(encode(record)).toHaveLength(DEFAULT_RECORDS_BYTES);
  });
});
