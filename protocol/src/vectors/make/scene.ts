/**
 * The small world that most vectors are of: one site, one gateway, one reader of tags, the reader's log of two
 * records, and the seal, ack and events that follow from it. SPEC.md's examples are from here.
 */
import { fromHex } from '../../bytes.js';
import { keyThumbprint } from '../../cose/index.js';
import { ALG, PrivateKey } from '../../crypto/index.js';
import { issueCertificate, type Role } from '../../cwt/index.js';
import {
  encodeCommit,
  encodeEvent,
  eventGenesis,
  eventHash,
  MerkleTree,
  signCommit,
  type Event,
} from '../../event/index.js';
import { tagId } from '../../evidence/index.js';
import {
  chainHash,
  encodeRecord,
  genesisHash,
  logIdOf,
  signSeal,
  verifySeal,
  type Record,
  type Seal,
} from '../../log/index.js';
import { deviceBody, KIND, punchBody } from '../../records/index.js';
import { keyOf, seedOf } from '../../test-support/keys.js';

export const site = 'dahaiyang';
export const validFrom = 1_750_000_000;
export const validUntil = 1_757_000_000;
export const secrets = { macBand: seedOf('mac band') };
export const keys = {
  issuer: keyOf('issuer'),
  gateway: keyOf('gateway'),
  reader: keyOf('reader'),
  stranger: keyOf('stranger'),
  p256: PrivateKey.fromSecret(ALG.ES256, seedOf('p256')),
} as const;

export interface CertificateOptions {
  readonly signer?: PrivateKey;
  readonly site?: string;
  readonly issuer?: string;
  readonly notBefore?: number;
  readonly expires?: number;
}

/** A certificate of the site's issuer. */
export function certify(
  subject: string,
  role: Role,
  key: PrivateKey,
  options: CertificateOptions = {},
): Uint8Array {
  return issueCertificate(options.signer ?? keys.issuer, {
    issuer: options.issuer ?? 'dahaiyang-issuer',
    subject,
    role,
    site: options.site ?? site,
    notBefore: options.notBefore ?? validFrom,
    expires: options.expires ?? validUntil,
    key: key.publicKey,
  });
}

export const certificates = {
  reader: certify('reader-1', 'reader', keys.reader),
  gateway: certify('gateway-1', 'gateway', keys.gateway),
};

export const uid = fromHex('04a1b2c3d4e5f6');
export const genesis = genesisHash({
  site,
  device: 'reader-1',
  thumbprint: keyThumbprint(keys.reader.publicKey),
  epoch: 1,
});
export const logId = logIdOf(genesis);

export const bootRecord: Record = {
  ...{ kind: KIND.device, seq: 1, boot: 1, uptime: 0, time: { quality: 'unset' } },
  salt: fromHex('0011223344556677'),
  body: deviceBody({ event: 'boot', firmware: '1.0.0' }),
};
export const punchRecord: Record = {
  ...{ kind: KIND.punch, seq: 2, boot: 1, uptime: 61 },
  time: { quality: 'set', wall: 1_750_003_600, age: 60 },
  salt: fromHex('8899aabbccddeeff'),
  body: punchBody({ direction: 'in', service: 7, proof: { kind: 'uid', uid } }),
};
export const boot = encodeRecord(bootRecord);
export const punch = encodeRecord(punchRecord);
export const afterBoot = chainHash(genesis, boot);
export const head = chainHash(afterBoot, punch);

export const nonce = fromHex('000102030405060708090a0b0c0d0e0f');
export const sealed: Seal = {
  ...{ logId, first: 1, last: 2, hashBefore: genesis, hashLast: head, nonce },
  ...{ boot: 1, uptime: 62, time: { quality: 'set', wall: 1_750_003_601, age: 61 } },
};
export const seal = signSeal(keys.reader, site, sealed);
export const sealId = verifySeal(seal, keys.reader.publicKey, site).id;

const firstPrevious = eventGenesis(site, 'gateway-1', keyThumbprint(keys.gateway.publicKey), 1);
const common = {
  ...{ site, gateway: 'gateway-1', epoch: 1, device: 'reader-1', logId, sealId },
  ...{ time: { earliest: 1_750_003_598, latest: 1_750_003_602 }, recorded: 1_750_003_602 },
} as const;
const deviceEvent: Event = {
  ...common,
  ...{
    seq: 1,
    previous: firstPrevious,
    type: 'device',
    logSeq: 1,
    logPrevious: genesis,
    record: boot,
    evidence: 2,
  },
};
const punchEvent: Event = {
  ...common,
  ...{
    seq: 2,
    previous: eventHash(encodeEvent(deviceEvent)),
    type: 'punch',
    logSeq: 2,
    logPrevious: afterBoot,
  },
  ...{ record: punch, evidence: 0, band: tagId(uid) },
};
export const events: readonly Event[] = [deviceEvent, punchEvent];
export const eventBytes = events.map(encodeEvent);
export const tree = new MerkleTree(eventBytes.map(eventHash));
export const commit = signCommit(keys.gateway, site, tree.root);
export const messages = encodeCommit(eventBytes, tree, commit);

/** A seal's id. */
export function sealIdOf(bytes: Uint8Array): Uint8Array {
  return verifySeal(bytes, keys.reader.publicKey, site).id;
}
