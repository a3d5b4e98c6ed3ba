import { describe, expect, it } from 'vitest';
import { fromHex } from '../../bytes.js';
import { ALG, PrivateKey } from '../../crypto/index.js';
import { codeOf, keyOf } from '../../test-support/index.js';
import { checkKey, keyKind, type OwnCredential, type PeerKey } from './credential.js';
import { initiate, receiveMessage2 } from './initiator.js';
import { receiveMessage1, receiveMessage3 } from './responder.js';
import { TRACE_1 } from './rfc9529.test.data.js';
import { cipherSuite } from './suites.js';

const STATIC: PeerKey = { kind: 'static-dh', x: fromHex(TRACE_1.G_X) };
const P256: PeerKey = { kind: 'signature', key: PrivateKey.generate(ALG.ES256).publicKey };

describe('a credential', () => {
  it('is of the kind that the method demands of its side (RFC 9528, section 3.2)', () => {
    const kinds = ([0, 1, 2, 3] as const).map((method) => [
      keyKind(method, 'initiator'),
      keyKind(method, 'responder'),
    ]);
    expect(kinds).toEqual([
      ['signature', 'signature'],
      ['signature', 'static-dh'],
      ['static-dh', 'signature'],
      ['static-dh', 'static-dh'],
    ]);
  });

  it('of our own is refused before anything is sent with it', () => {
    const key = { kind: 'signature', key: keyOf('own') } as const;
    expect(
      codeOf(() => {
        checkKey(key, 0, 'initiator', cipherSuite(0));
      }),
    ).toBe('accepted');
    expect(
      codeOf(() => {
        checkKey(key, 0, 'initiator', cipherSuite(2));
      }),
    ).toBe('session/credential');
    expect(
      codeOf(() => {
        checkKey(key, 1, 'responder', cipherSuite(0));
      }),
    ).toBe('session/credential');
  });

  it.each([
    ['a static key where a signature is due', STATIC],
    ['a signature by another algorithm than the suite’s', P256],
  ])('of a peer is refused when it is %s, even if all else holds', (_, key) => {
    const own: OwnCredential = {
      idCred: fromHex(TRACE_1.ID_CRED_I),
      cred: fromHex(TRACE_1.CRED_I),
      key: { kind: 'signature', key: keyOf('own') },
    };
    const cred = own.cred;
    const peer = { cred, key: { kind: 'signature', key: keyOf('own').publicKey } } as const;
    const side = { method: 0, connection: Uint8Array.of(0), own } as const;
    const responder = { ...side, credentials: new Map([[0, own]]), credentialOf: () => ({ cred, key }) };
    const first = initiate({ ...side, suites: [0], credentialOf: () => ({ cred, key }) });
    const trusting = initiate({ ...side, suites: [0], credentialOf: () => peer });
    const second = receiveMessage1(responder, trusting.message);
    const third = receiveMessage2(trusting.next, second.message);
    expect(codeOf(() => receiveMessage3(second.next, third.message))).toBe('session/credential');
    const other = receiveMessage1(responder, first.message);
    expect(codeOf(() => receiveMessage2(first.next, other.message))).toBe('session/credential');
  });
});
