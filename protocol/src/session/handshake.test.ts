/** The bytes of handshakes: what any of them do to either side, and how long they get. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../cbor/index.js';
import { ALG, PrivateKey } from '../crypto/index.js';
import { TrustStore } from '../cwt/index.js';
import { TimebandError } from '../errors.js';
import { MAX_ID_LENGTH } from '../ids.js';
import { deriveDeviceKey } from '../keys/index.js';
import { COMMAND, HEADER_BYTES } from '../smp/index.js';
import { codeOf } from '../test-support/index.js';
import { certifiedPeer, type CertifiedParty, METHOD, ownCredentials } from './certified.js';
import { advanceDevice, type DeviceParty, IDLE } from './device.js';
import { MAX_MESSAGE_BYTES, receiveMessage1, receiveMessage3, type ResponderOptions } from './edhoc/index.js';
import { MIN_SESSION_BUFFER_BYTES } from './server.js';
import { band, ISSUER, party, SITE } from './session.test.support.js';

function responder(gateway: CertifiedParty): ResponderOptions<ReturnType<ReturnType<typeof certifiedPeer>>> {
  return {
    method: METHOD,
    credentials: ownCredentials(gateway),
    connection: Uint8Array.of(1),
    credentialOf: certifiedPeer(gateway),
  };
}

/** All messages of one handshake by certificates. */
function messages(device: DeviceParty, gateway: CertifiedParty) {
  const first = advanceDevice(device, IDLE, { method: 'edhoc' });
  const second = receiveMessage1(responder(gateway), first.message ?? new Uint8Array());
  const third = advanceDevice(device, first.next, { message: second.message });
  const fourth = receiveMessage3(second.next, third.message ?? new Uint8Array());
  return { first, second, third, fourth };
}

const failsWithCode = (work: () => unknown): void => {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(TimebandError);
  }
};

describe('a handshake', () => {
  it('ends with a code, whatever bytes are put in the place of any message', () => {
    const gateway = party();
    const { first, second, third } = messages(band(), gateway);
    const mac: DeviceParty = {
      method: 'mutualMac',
      key: deriveDeviceKey(new Uint8Array(32), { site: SITE, device: 'band-1' }, 1),
    };
    const proof = advanceDevice(mac, IDLE, { method: 'mutualMac', nonce: new Uint8Array(16) });
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ minLength: 1, maxLength: 200 }).map((bytes) => encode(bytes)),
    );
    fc.assert(
      fc.property(hostile, (message) => {
        failsWithCode(() => receiveMessage1(responder(gateway), message));
        failsWithCode(() => receiveMessage3(second.next, message));
        for (const { next } of [first, third, proof]) {
          failsWithCode(() => advanceDevice(band(), next, { message }));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes no message that is longer than any of ours', () => {
    const { first } = messages(band(), party());
    const message = encode(new Uint8Array(MAX_MESSAGE_BYTES));
    expect(codeOf(() => advanceDevice(band(), first.next, { message }))).toBe('session/message');
  });

  it('is begun by its first message only', () => {
    expect(codeOf(() => advanceDevice(band(), IDLE, { message: Uint8Array.of(0x40) }))).toBe('session/order');
  });

  it.each([
    ['Ed25519', ALG.EdDSA, [37, 391, 366, 9]],
    ['P-256', ALG.ES256, [37, 426, 401, 9]],
  ] as const)(
    'by %s is this long at most, within the 512 bytes of a device on BLE',
    (_, algorithm, lengths) => {
      const id = 'x'.repeat(MAX_ID_LENGTH);
      const trust = new TrustStore([ISSUER.publicKey]);
      const longest = (role: 'band' | 'technician'): CertifiedParty => ({
        ...party({ key: PrivateKey.generate(algorithm), role, subject: id, site: id }),
        verify: (bytes) => trust.verify(bytes, { roles: ['band', 'technician'], site: id }),
      });
      const { first, second, third, fourth } = messages(
        { method: 'edhoc', ...longest('band') },
        longest('technician'),
      );
      const all = [first, second, third, fourth].map(({ message = new Uint8Array() }) => message);
      expect(all.map(({ length }) => length)).toEqual(lengths);
      for (const message of all) {
        const packet = HEADER_BYTES + encode(COMMAND.handshake.encodeAnswer(message)).length;
        expect(packet).toBeLessThanOrEqual(MIN_SESSION_BUFFER_BYTES);
      }
    },
  );
});
