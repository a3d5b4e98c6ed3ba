/** All files of vectors by name, made anew each time: with deterministic signatures they come out the same. */
import type { VectorFile } from '../format.js';
import { approvedFiles } from './approved.js';
import { bodyFiles } from './bodies.js';
import { cbor } from './cbor.js';
import { cose, coseKeys } from './cose.js';
import { eventFile, jsonTwins } from './event.js';
import { answerFile, attestFiles, evidenceFile } from './evidence.js';
import { forwardAnswerFile, forwardFile } from './forward.js';
import { frames, packets } from './frames.js';
import { advertFile, derivedKeyFile } from './keys.js';
import { acks, clocks, recordProofs } from './documents.js';
import { genesisFile, records, sealedRecords, seals } from './log.js';
import { consistencyFile, headFile, portableFile, textFile } from './receipt.js';
import { edhocFile, macFile } from './session.js';
import { bodyFile, encrypt0File } from './session-bodies.js';
import { commands } from './smp.js';
import { registerFile } from './register.js';
import { grantFile, possessionFile, renewalFile, wipeFile } from './provisioning.js';
import { tagNumbers } from './tags.js';
import { certificateFile, chainFile, issuerFile, policyFile } from './trust.js';

export function makeVectors(): ReadonlyMap<string, VectorFile> {
  return new Map([
    ['cbor', cbor()],
    ['cose', cose()],
    ['cose-key', coseKeys()],
    ['derived-key', derivedKeyFile()],
    ['certificate', certificateFile()],
    ['issuer-certificate', issuerFile()],
    ['certificate-chain', chainFile()],
    ['policy', policyFile()],
    ['possession', possessionFile()],
    ['renewal-request', renewalFile()],
    ['grant', grantFile()],
    ['wipe', wipeFile()],
    ['register', registerFile()],
    ['record', records()],
    ...bodyFiles(),
    ...approvedFiles(),
    ...attestFiles(),
    ['answer', answerFile()],
    ['evidence', evidenceFile()],
    ['genesis', genesisFile()],
    ['seal', seals()],
    ['sealed-records', sealedRecords()],
    ['record-proof', recordProofs()],
    ['ack', acks()],
    ['clock', clocks()],
    ['forward', forwardFile()],
    ['forward-answer', forwardAnswerFile()],
    ['event', eventFile()],
    ['json-twin', jsonTwins()],
    ['tree-head', headFile()],
    ['consistency-receipt', consistencyFile()],
    ['portable-receipt', portableFile()],
    ['receipt-text', textFile()],
    ['encrypt0', encrypt0File()],
    ['edhoc', edhocFile()],
    ['mac-handshake', macFile()],
    ['session-body', bodyFile()],
    ['advert', advertFile()],
    ['smp-packet', packets()],
    ['smp-command', commands()],
    ['serial-frame', frames()],
    ['tag-number', tagNumbers()],
  ]);
}

/** A file's text, as it is published. */
export function vectorText(file: VectorFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}
