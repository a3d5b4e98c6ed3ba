/** Handshakes by EDHOC and by MAC, with ephemeral keys that everybody knows. */
import type { PrivateKey } from '../../crypto/index.js';
import { TrustStore } from '../../cwt/index.js';
import { deriveDeviceKey } from '../../keys/index.js';
import { certifiedPeer, ownCredentials, type CertifiedParty } from '../../session/certified.js';
import {
  encodeError,
  initiate,
  receiveMessage1,
  receiveMessage2,
  receiveMessage3,
  receiveMessage4,
} from '../../session/edhoc/index.js';
import { answerNonce, findDevice, macExporter, proveGateway } from '../../session/mutual-mac.js';
import { SessionError } from '../../errors.js';
import { keyOf, seedOf } from '../../test-support/keys.js';
import type { VectorCase, VectorFile } from '../format.js';
import { damaged } from './cose.js';
import { invalid, valid, vectorFile } from './draft.js';
import { certify, keys, nonce, site, validFrom } from './scene.js';

const now = validFrom + 3_600;
const band = keyOf('band 1');
const secrets = { device: seedOf('ephemeral device'), gateway: seedOf('ephemeral gateway') };
const certificates = {
  band: certify('band-1', 'band', band),
  gateway: certify('gateway-1', 'gateway', keys.gateway),
};
const trust = new TrustStore([keys.issuer.publicKey]);

const partyOf = (key: PrivateKey, certificate: Uint8Array): CertifiedParty => ({
  key,
  certificate,
  verify: (bytes) => trust.verify(bytes, { roles: ['gateway', 'band'], site, now }),
});

function initiator(key: PrivateKey, certificate: Uint8Array) {
  const party = partyOf(key, certificate);
  const [[suite, own]] = [...ownCredentials(party)] as [[number, Parameters<typeof initiate>[0]['own']]];
  const credentialOf = certifiedPeer(party);
  return initiate({
    ...{ method: 0, suites: [suite], connection: Uint8Array.of(0), own, credentialOf },
    secret: secrets.device,
  });
}

function responder(key: PrivateKey, certificate: Uint8Array, message1: Uint8Array) {
  const party = partyOf(key, certificate);
  return receiveMessage1(
    {
      ...{ method: 0, credentials: ownCredentials(party), connection: Uint8Array.of(1) },
      ...{ credentialOf: certifiedPeer(party), secret: secrets.gateway },
    },
    message1,
  );
}

const first = initiator(band, certificates.band);
const second = responder(keys.gateway, certificates.gateway, first.message);
const third = receiveMessage2(first.next, second.message);
const fourth = receiveMessage3(second.next, third.message);
/** What the exchange gives both sides. */
export const { prkOut } = receiveMessage4(third.next, fourth.message);

const device = (step: string) => ({
  ...{ step, own: 'band', certificate: certificates.band, ephemeral: secrets.device },
  ...{ issuers: ['issuer'], site, now },
});
const gateway = (step: string) => ({
  ...{ step, own: 'gateway', certificate: certificates.gateway, ephemeral: secrets.gateway },
  ...{ issuers: ['issuer'], site, now },
});

export const edhocFile = (): VectorFile => {
  const stranger = responder(keys.stranger, certificates.gateway, first.message);
  const uncertified = responder(
    keys.gateway,
    certify('gateway-1', 'gateway', keys.gateway, { signer: keys.stranger }),
    first.message,
  );
  const otherSuite = first.message.slice();
  otherSuite[1] = 0x02;
  const otherMethod = first.message.slice();
  otherMethod[0] = 0x03;
  const gaveUp = encodeError(new SessionError('session/credential', 'no'));
  const refused = (
    name: string,
    bytes: Uint8Array,
    code: Parameters<typeof invalid>[2],
    context: object,
  ): VectorCase => invalid(name, bytes, code, { context: { ...context } });
  return vectorFile(
    {
      structure: 'edhoc',
      section: 'Session',
      about:
        'Messages of one EDHOC exchange, each checked by whom it is received, with the ephemeral secrets in the context. The device begins; suite 0, method 0, certificates by value.',
    },
    { issuer: keys.issuer, band, gateway: keys.gateway },
    [
      valid(
        'message_1, received by the gateway',
        first.message,
        { message2: second.message },
        { context: gateway('message_1') },
      ),
      valid(
        'message_2, received by the device',
        second.message,
        { message3: third.message, peer: 'gateway-1' },
        { context: device('message_2') },
      ),
      valid(
        'message_3, received by the gateway',
        third.message,
        { message4: fourth.message, peer: 'band-1', prkOut },
        { context: { ...gateway('message_3'), message1: first.message } },
      ),
      valid(
        'message_4, received by the device',
        fourth.message,
        { prkOut },
        { context: { ...device('message_4'), message2: second.message } },
      ),
      refused(
        'message_1 with a suite that the gateway has no key for',
        otherSuite,
        'session/suite',
        gateway('message_1'),
      ),
      refused('message_1 with static Diffie-Hellman', otherMethod, 'session/message', gateway('message_1')),
      refused('message_1 cut short', first.message.subarray(0, 20), 'session/message', gateway('message_1')),
      refused(
        'message_2 of a gateway without the key of its certificate',
        stranger.message,
        'session/proof',
        device('message_2'),
      ),
      refused(
        'message_2 with a certificate of another issuer',
        uncertified.message,
        'session/credential',
        device('message_2'),
      ),
      refused('message_3 with one bit changed', damaged(third.message), 'session/proof', {
        ...gateway('message_3'),
        message1: first.message,
      }),
      refused('message_4 with one bit changed', damaged(fourth.message), 'session/proof', {
        ...device('message_4'),
        message2: second.message,
      }),
      refused('an error message in the place of message_2', gaveUp, 'session/closed', device('message_2')),
      refused(
        'a message of a handshake that was not begun',
        second.message,
        'session/order',
        device('unbegun'),
      ),
    ],
  );
};

export const macFile = (): VectorFile => {
  const key = deriveDeviceKey(seedOf('site master'), { site, device: 'band-2' }, 1);
  const deviceNonce = seedOf('device nonce').subarray(0, 16);
  const { message } = answerNonce(key, nonce, deviceNonce);
  const { nonces } = findDevice([key], nonce, message);
  const proof = proveGateway(key, nonces, 'gateway-1');
  const context = { key: 'band2', site, device: 'band-2', nonce };
  const exported = macExporter(key, nonces)(0, new Uint8Array(), 16);
  const toDevice = { context: { ...context, step: 'proof', deviceNonce } };
  const toGateway = { context: { ...context, step: 'answer' } };
  return vectorFile(
    {
      structure: 'mac-handshake',
      section: 'Session',
      about:
        'The handshake of a band that only MACs. `exported` is 16 bytes under label 0 without a context.',
    },
    { band2: key.export() },
    [
      valid('the device’s answer', message, { device: 'band-2', nonce: deviceNonce, exported }, toGateway),
      valid('the gateway’s proof', proof, { gateway: 'gateway-1' }, toDevice),
      invalid('an answer with one bit changed', damaged(message), 'session/proof', toGateway),
      invalid('the answer to another nonce', message, 'session/proof', {
        context: { ...toGateway.context, nonce: deviceNonce },
      }),
      invalid('a proof with one bit changed', damaged(proof), 'session/proof', toDevice),
      invalid('the device’s own answer in the place of a proof', message, 'session/message', toDevice),
    ],
  );
};
