/** What makes a device a site's, and what takes it away (SPEC.md, Provisioning). */
import { openGrant, openRenewalRequest, openWipe, verifyPossession } from '../../provisioning/index.js';
import { readRegister } from '../../register/index.js';
import { DeviceKey } from '../../keys/index.js';
import { trustOf } from './trust.js';
import type { Verify } from './verify.js';

export const possession: Verify = (bytes, context) => {
  const [serial, site, nonce] = [context.text('serial'), context.text('site'), context.bytes('nonce')];
  verifyPossession(bytes, { serial, site, nonce, key: context.publicKey('key') });
  return { serial, nonce };
};

export const grant: Verify = (bytes, context) => {
  const thumbprint = context.has('thumbprint') ? context.bytes('thumbprint') : undefined;
  const opened = openGrant(bytes, { serial: context.text('serial'), thumbprint });
  const { serial, site, device, at, certified } = opened;
  return { serial, site, device, at, role: certified.role, thumbprint: certified.thumbprint };
};

/** As the issuer, who has its own key. */
export const renewal: Verify = (bytes, context) => {
  const { at, certificate } = openRenewalRequest(bytes, context.privateKey('issuer'));
  const { subject, site, thumbprint } = certificate;
  return { at, subject, site, thumbprint };
};

/** A register's file, as UTF-8. */
export const register: Verify = (bytes, context) => {
  const options = { site: context.text('site'), trust: trustOf(context) };
  const { register: read, length } = readRegister(new TextDecoder().decode(bytes), options);
  return { entries: read.entries.map(({ note }) => note.what), hash: read.hash, length };
};

/** By a device key of the context, or under the anchors and lists of a trust store. */
export const wipe: Verify = (bytes, context) => {
  const key = context.has('key') ? context.verificationKey('key') : undefined;
  return openWipe(bytes, {
    source: key instanceof DeviceKey ? key : trustOf(context),
    ...{ site: context.text('site'), device: context.text('device') },
    thumbprint: context.bytes('thumbprint'),
    now: context.optionalNumber('now'),
  });
};
