/** Which check is made of which structure. */
import { cbor, cose, coseKey } from './encoding.js';
import { event, jsonTwin } from './event.js';
import { answer, approvals, attestation, evidence } from './evidence.js';
import { advert, derivedKey } from './keys.js';
import { forward, forwardAnswer } from './forward.js';
import { ack, clock, genesis, record, recordProof, seal, sealedRecords } from './log.js';
import { consistency, portableReceipt, receiptText, treeHead } from './receipt.js';
import { edhoc, encrypt0, macHandshake, sessionBody } from './session.js';
import { command, frame, packet } from './smp.js';
import { grant, possession, register, renewal, wipe } from './provisioning.js';
import { tagNumber } from './tags.js';
import { certificate, issuerCertificate, policy } from './trust.js';
import type { Verify } from './verify.js';

export const verifiers: Readonly<Partial<Record<string, Verify>>> = {
  cbor,
  cose,
  'cose-key': coseKey,
  'derived-key': derivedKey,
  advert,
  certificate,
  'issuer-certificate': issuerCertificate,
  policy,
  possession,
  'renewal-request': renewal,
  grant,
  wipe,
  register,
  record,
  approvals,
  answer,
  attestation,
  evidence,
  genesis,
  seal,
  'sealed-records': sealedRecords,
  'record-proof': recordProof,
  ack,
  clock,
  forward,
  'forward-answer': forwardAnswer,
  event,
  'json-twin': jsonTwin,
  'tree-head': treeHead,
  'consistency-receipt': consistency,
  'portable-receipt': portableReceipt,
  'receipt-text': receiptText,
  encrypt0,
  edhoc,
  'mac-handshake': macHandshake,
  'session-body': sessionBody,
  'smp-packet': packet,
  'smp-command': command,
  'serial-frame': frame,
  'tag-number': tagNumber,
};
