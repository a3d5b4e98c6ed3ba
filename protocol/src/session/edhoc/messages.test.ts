import { describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '../../bytes.js';
import { SessionError } from '../../errors.js';
import { codeOf } from '../../test-support/index.js';
import { checkProof, type PeerCredential } from './credential.js';
import { initiate, receiveMessage2 } from './initiator.js';
import { decodePlaintext2, encodeError, encodeMessage1, SuitesError } from './messages.js';
import { receiveMessage1, type ResponderOptions } from './responder.js';
import { INVALID, TRACE_2 } from './rfc9529.test.data.js';
import * as schedule from './schedule.js';
import { offerSuites } from './suites.js';

const NOTHING = new Uint8Array();

/** The responder of trace 2, which also knows suite 0. */
const static2: ResponderOptions<PeerCredential> = {
  method: 3,
  credentials: new Map(
    [0, 2].map((suite) => [
      suite,
      {
        idCred: fromHex(TRACE_2.ID_CRED_R),
        cred: fromHex(TRACE_2.CRED_R),
        key: { kind: 'static-dh', secret: fromHex(TRACE_2.SK_R) },
      },
    ]),
  ),
  connection: fromHex(TRACE_2.C_R),
  credentialOf: () => ({
    cred: fromHex(TRACE_2.CRED_I),
    key: { kind: 'static-dh', x: fromHex(TRACE_2.PK_I) },
  }),
};

describe('the negotiation of a cipher suite', () => {
  it('reproduces RFC 9529, section 3: suite 6 is turned down, then offered again before suite 2', () => {
    const offer = { method: 3, gX: fromHex(TRACE_2.G_X_first), cI: fromHex(TRACE_2.C_I_first) };
    const message1 = encodeMessage1({ ...offer, suites: offerSuites([6, 2]) });
    expect(toHex(message1)).toBe(TRACE_2.message_1_first);
    const responder = { ...static2, credentials: new Map([...static2.credentials].slice(1)) };
    expect(codeOf(() => receiveMessage1(responder, message1))).toBe('session/suite');
    const error = encodeError(new SessionError('session/suite', ''), [2]);
    expect(toHex(error)).toBe(TRACE_2.error);
    expect(offerSuites([6, 2], [2])).toEqual([6, 2]);
  });

  it('tells the initiator, in the place of message_2, which suites the responder has', () => {
    const { next } = initiate({
      method: 3,
      suites: [2],
      connection: Uint8Array.of(0),
      own: { idCred: NOTHING, cred: NOTHING, key: { kind: 'static-dh', secret: fromHex(TRACE_2.SK_I) } },
      credentialOf: static2.credentialOf,
    });
    let told: unknown;
    try {
      receiveMessage2(next, fromHex('0282080a'));
    } catch (error) {
      told = error;
    }
    expect(told).toBeInstanceOf(SuitesError);
    expect(told).toMatchObject({ code: 'session/suite', suites: [8, 10] });
  });
});

describe('the invalid messages of RFC 9529, section 4', () => {
  it.each(INVALID.message_1)('refuses in message_1 $what', ({ bytes, code }) => {
    expect(codeOf(() => receiveMessage1(static2, fromHex(bytes)))).toBe(code);
  });

  it.each(INVALID.message_2)('refuses in message_2 $what', ({ bytes, code }) => {
    const { next } = initiate({
      method: 3,
      suites: [6, 2],
      connection: fromHex(TRACE_2.C_I),
      own: { idCred: NOTHING, cred: NOTHING, key: { kind: 'static-dh', secret: fromHex(TRACE_2.SK_I) } },
      credentialOf: static2.credentialOf,
    });
    expect(codeOf(() => receiveMessage2(next, fromHex(bytes)))).toBe(code);
  });

  it.each(INVALID.PLAINTEXT_2)('refuses in PLAINTEXT_2 $what', ({ bytes, code }) => {
    const check = (): void => {
      const { idCred, signatureOrMac, ead } = decodePlaintext2(fromHex(bytes));
      const about = { idCred, th: fromHex(TRACE_2.TH_2), cred: fromHex(TRACE_2.CRED_R), ead };
      const mac = (context: Uint8Array, length: number): Uint8Array =>
        schedule.mac2(fromHex(TRACE_2.PRK_3e2m), context, length);
      checkProof({ kind: 'static-dh', x: fromHex(TRACE_2.PK_R) }, about, mac, signatureOrMac);
    };
    expect(codeOf(check)).toBe(code);
  });
});

describe('authorization data', () => {
  const message1 = fromHex(TRACE_2.message_1);

  it('that is not critical is ignored, padding among it', () => {
    for (const ead of ['00', '0040', '0041e9', '000041e9', '182a43010203']) {
      expect(codeOf(() => receiveMessage1(static2, concat(fromHex(TRACE_2.message_1), fromHex(ead))))).toBe(
        'accepted',
      );
    }
  });

  it('that is critical ends the exchange', () => {
    for (const ead of ['20', '2041e9', '41e9', 'f6']) {
      expect(codeOf(() => receiveMessage1(static2, concat(message1, fromHex(ead))))).toBe('session/message');
    }
  });
});
