/** Proofs of possession, grants and wipe orders. */
import { certificateLabel, coseLabel, coseKeyLabel } from '../../cbor-text/index.js';
import { numbered } from '../../cbor-text/labels.js';
import { externalAad, keyThumbprint, sign1 } from '../../cose/index.js';
import { encode, entries } from '../../cbor/index.js';
import { TrustStore } from '../../cwt/index.js';
import { DeviceKey } from '../../keys/index.js';
import {
  type Grant,
  signGrant,
  signPossession,
  signRenewalRequest,
  signWipe,
  type Wipe,
} from '../../provisioning/index.js';
import type { VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { certificates, certify, keys, nonce, secrets, site, validFrom } from './scene.js';

const serial = 'sn-1';
const thumbprint = keyThumbprint(keys.reader.publicKey);
const issuer = certify('dahaiyang-issuer', 'issuer', keys.issuer);
const section = 'Provisioning';

export const possessionFile = (): VectorFile => {
  const proof = signPossession(keys.reader, serial, { nonce, site });
  const about = {
    label: coseLabel({ fields: numbered('nonce', 'serial', { ...coseKeyLabel, name: 'COSE_Key' }) }),
    context: { serial, site, nonce, key: 'reader' },
  };
  return vectorFile(
    { structure: 'possession', section, about: 'Proofs that a device holds the key it made.' },
    keys,
    [
      valid('over what was asked', proof, { serial, nonce }, { ...about, cddl: 'possession' }),
      invalid('over another nonce', proof, 'provisioning/refused', {
        ...about,
        context: { ...about.context, nonce: nonce.map((byte) => byte ^ 1) },
      }),
      invalid('for another site', proof, 'provisioning/refused', {
        ...about,
        context: { ...about.context, site: 'elsewhere' },
      }),
      invalid('by another key', proof, 'provisioning/refused', {
        ...about,
        context: { ...about.context, key: 'stranger' },
      }),
    ],
  );
};

export const renewalFile = (): VectorFile => {
  const at = validFrom + 7_000_000;
  const trust = new TrustStore([keys.issuer.publicKey]);
  const open = (bytes: Uint8Array) => trust.verify(bytes, { roles: ['gateway'], site });
  const gateway = open(certificates.gateway);
  const request = signRenewalRequest(keys.gateway, gateway, at);
  const proof = coseLabel({ fields: numbered('nonce', 'serial', { ...coseKeyLabel, name: 'COSE_Key' }) });
  const label = {
    elements: [
      ...['label', 'version', 'at'].map((name) => ({ name })),
      { name: 'certificate', content: certificateLabel },
      { name: 'possession', content: proof },
    ],
  };
  const about = { label, context: { issuer: 'issuer' } };
  const parts = (changed: number): Uint8Array =>
    encode([
      'tb-renewal',
      1,
      changed,
      certificates.gateway,
      signPossession(keys.gateway, 'gateway-1', { nonce, site }),
    ]);
  return vectorFile(
    {
      structure: 'renewal-request',
      section: 'Renewal',
      about: 'Requests of gateways for their next certificate, as the issuer of the context opens them.',
    },
    { issuer: keys.issuer, gateway: keys.gateway, stranger: keys.stranger },
    [
      valid(
        'of a gateway',
        request,
        { at, subject: 'gateway-1', site, thumbprint: gateway.thumbprint },
        { ...about, cddl: 'renewal-request' },
      ),
      invalid('of a gateway that another issuer certified', request, 'provisioning/refused', {
        ...about,
        context: { issuer: 'stranger' },
      }),
      invalid(
        'by another key than the certified one',
        signRenewalRequest(keys.stranger, gateway, at),
        'provisioning/refused',
        about,
      ),
      invalid('over another nonce', parts(at), 'provisioning/refused', about),
      invalid('something that is no request', encode(['tb-other', 1]), 'provisioning/shape', about),
    ],
  );
};

export const grantFile = (): VectorFile => {
  const grant: Grant = {
    ...{ serial, site, device: 'reader-1', at: validFrom + 60 },
    anchors: [issuer],
    certificate: certificates.reader,
  };
  const label = coseLabel({
    fields: numbered(
      ...['serial', 'site', 'device', 'at'],
      { name: 'anchors', each: certificateLabel },
      { ...certificateLabel, name: 'certificate' },
      ...['device key', 'policies', 'enrolment'],
    ),
  });
  const about = { label, context: { serial, thumbprint } };
  const signed = signGrant(keys.issuer, grant);
  const decoded = { serial, site, device: 'reader-1', at: grant.at, role: 'reader', thumbprint };
  return vectorFile(
    { structure: 'grant', section: 'Grant', about: 'The document by which a device belongs to a site.' },
    keys,
    [
      valid('of a reader', signed, decoded, { ...about, cddl: 'grant' }),
      invalid('for other hardware', signed, 'provisioning/refused', {
        ...about,
        context: { serial: 'sn-2', thumbprint },
      }),
      invalid('for another key', signed, 'provisioning/refused', {
        ...about,
        context: { serial, thumbprint: keyThumbprint(keys.stranger.publicKey) },
      }),
      invalid(
        'by whom its anchors do not name',
        signGrant(keys.stranger, grant),
        'provisioning/refused',
        about,
      ),
      invalid(
        'with a certificate of another device',
        signGrant(keys.issuer, { ...grant, device: 'reader-2' }),
        'provisioning/refused',
        about,
      ),
      invalid(
        'without anchors',
        signGrant(keys.issuer, { ...grant, anchors: [] }),
        'provisioning/refused',
        about,
      ),
      invalid('damaged', damaged(signed), 'provisioning/refused', about),
      invalid(
        'that lacks a field',
        sign1(keys.issuer, externalAad('grant', site), encode(entries([1, serial]))),
        'provisioning/shape',
        about,
      ),
    ],
  );
};

export const wipeFile = (): VectorFile => {
  const device = 'reader-1';
  const order: Wipe = { site, device, thumbprint, at: validFrom + 60, force: false };
  const technician = certify('technician-1', 'technician', keys.stranger);
  const label = coseLabel({
    fields: numbered('site', 'device', 'thumbprint', 'at', 'force', {
      ...certificateLabel,
      name: 'certificate',
    }),
  });
  const context = { anchors: [issuer], site, device, thumbprint, now: validFrom + 60 };
  const about = { label, context };
  const shared = new DeviceKey(site, 'band-2', secrets.macBand);
  const macOrder = { ...order, device: 'band-2', thumbprint: shared.thumbprint };
  const byTechnician = (changes: Partial<Wipe> = {}): Uint8Array =>
    signWipe(keys.stranger, { ...order, ...changes }, technician);
  return vectorFile(
    {
      structure: 'wipe',
      section: 'Wipe',
      about: 'Orders to forget, as the device of the context opens them.',
    },
    { ...keys, ...secrets },
    [
      valid('by the issuer', signWipe(keys.issuer, order), order, { ...about, cddl: 'wipe' }),
      valid(
        'by force',
        signWipe(keys.issuer, { ...order, force: true }),
        { ...order, force: true },
        {
          ...about,
          cddl: 'wipe',
        },
      ),
      valid('by a technician', byTechnician(), order, { ...about, cddl: 'wipe' }),
      valid('for a band that only MACs', signWipe(shared, macOrder), macOrder, {
        label,
        cddl: 'wipe',
        context: { site, device: 'band-2', thumbprint: shared.thumbprint, key: 'macBand' },
      }),
      invalid('by a technician, by force', byTechnician({ force: true }), 'provisioning/refused', about),
      invalid(
        'by a technician without a certificate',
        signWipe(keys.stranger, order),
        'provisioning/refused',
        about,
      ),
      invalid(
        'by a gateway',
        signWipe(keys.gateway, order, certificates.gateway),
        'provisioning/refused',
        about,
      ),
      invalid('for an earlier key', signWipe(keys.issuer, order), 'provisioning/refused', {
        ...about,
        context: { ...context, thumbprint: keyThumbprint(keys.gateway.publicKey) },
      }),
      invalid('for another device', signWipe(keys.issuer, order), 'provisioning/refused', {
        ...about,
        context: { ...context, device: 'reader-2' },
      }),
    ],
  );
};
