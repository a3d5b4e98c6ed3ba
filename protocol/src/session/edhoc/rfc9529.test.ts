import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../bytes.js';
import {
  agree,
  agreementPublic,
  ALG,
  type AgreementCurve,
  PrivateKey,
  PublicKey,
} from '../../crypto/index.js';
import { codeOf } from '../../test-support/index.js';
import { encryptMessage, xor } from './cipher.js';
import {
  macContext,
  makeProof,
  type OwnCredential,
  type OwnKey,
  type PeerCredential,
  type PeerKey,
  signedContent,
} from './credential.js';
import { initiate, receiveMessage2, receiveMessage4 } from './initiator.js';
import { encodeIdentifier, encodePlaintext, type Method } from './messages.js';
import { receiveMessage1, receiveMessage3, type ResponderOptions } from './responder.js';
import { TRACE_1, TRACE_2 } from './rfc9529.test.data.js';
import * as schedule from './schedule.js';

const NOTHING = new Uint8Array();

interface Trace {
  readonly name: string;
  readonly method: Method;
  readonly suites: readonly number[];
  readonly curve: AgreementCurve;
  readonly values: Record<string, string>;
}

const TRACES: readonly Trace[] = [
  { name: 'trace 1', method: 0, suites: [0], curve: 'X25519', values: TRACE_1 },
  { name: 'trace 2', method: 3, suites: [6, 2], curve: 'P-256', values: TRACE_2 },
];

describe.each(TRACES)('EDHOC reproduces $name of RFC 9529', ({ method, suites, curve, values }) => {
  const value = (name: string): Uint8Array => {
    const hex = values[name];
    if (hex === undefined) throw new Error(`the trace has no ${name}`);
    return fromHex(hex);
  };
  const expectValue = (name: string, actual: Uint8Array): void => {
    expect(toHex(actual), name).toBe(values[name]);
  };
  const ownKey = (name: string): OwnKey =>
    method === 0
      ? { kind: 'signature', key: PrivateKey.fromSecret(ALG.EdDSA, value(name)) }
      : { kind: 'static-dh', secret: value(name) };
  const peerKey = (name: string): PeerKey =>
    method === 0
      ? {
          kind: 'signature',
          key: PublicKey.fromCoordinates({ algorithm: ALG.EdDSA, x: value(name), y: undefined }),
        }
      : { kind: 'static-dh', x: value(name) };
  const own = (side: 'I' | 'R'): OwnCredential => ({
    idCred: value(`ID_CRED_${side}`),
    cred: value(`CRED_${side}`),
    key: ownKey(`SK_${side}`),
  });
  const credentialOf =
    (side: 'I' | 'R') =>
    (idCred: Uint8Array): PeerCredential => {
      expectValue(`ID_CRED_${side}`, idCred);
      return { cred: value(`CRED_${side}`), key: peerKey(`PK_${side}`) };
    };
  const responder: ResponderOptions<PeerCredential> = {
    method,
    credentials: new Map([[suites.at(-1) ?? -1, own('R')]]),
    connection: value('C_R'),
    credentialOf: credentialOf('I'),
    secret: value('Y'),
  };

  it('in every message and in what both sides can derive after', () => {
    const first = initiate({
      method,
      suites,
      connection: value('C_I'),
      own: own('I'),
      credentialOf: credentialOf('R'),
      secret: value('X'),
    });
    expectValue('message_1', first.message);
    const second = receiveMessage1(responder, first.message);
    expectValue('message_2', second.message);
    const third = receiveMessage2(first.next, second.message);
    expectValue('message_3', third.message);
    const fourth = receiveMessage3(second.next, third.message);
    expectValue('message_4', fourth.message);
    const initiator = receiveMessage4(third.next, fourth.message);
    for (const { prkOut, connections } of [initiator, fourth.next]) {
      expectValue('PRK_out', prkOut);
      expectValue('C_I', connections.initiator);
      expectValue('C_R', connections.responder);
      expectValue('OSCORE_Master_Secret', schedule.exporter(prkOut)(0, NOTHING, 16));
      expectValue('OSCORE_Master_Salt', schedule.exporter(prkOut)(1, NOTHING, 8));
    }
  });

  it('in every key, hash and context on the way', () => {
    const signs = method === 0;
    for (const [secret, key] of ['XG_X', 'YG_Y'].map((pair) => [pair.slice(0, 1), pair.slice(1)])) {
      expectValue(key ?? '', agreementPublic(curve, value(secret ?? '')));
    }
    expectValue('G_XY', agree(curve, value('X'), value('G_Y')));
    expectValue('G_XY', agree(curve, value('Y'), value('G_X')));
    const th2 = schedule.transcript2(value('G_Y'), value('message_1'));
    expectValue('TH_2', th2);
    const prk2e = schedule.prk2e(th2, value('G_XY'));
    expectValue('PRK_2e', prk2e);
    if (!signs) {
      expectValue('info_SALT_3e2m', schedule.kdfInfo(1, th2, 32));
      expectValue('SALT_3e2m', schedule.kdf(prk2e, 1, th2, 32));
      expectValue('G_RX', agree(curve, value('SK_R'), value('G_X')));
    }
    const prk3 = schedule.prk3e2m(prk2e, th2, signs ? undefined : value('G_RX'));
    expectValue('PRK_3e2m', prk3);

    const length = signs ? 32 : 8;
    const about2 = {
      connection: encodeIdentifier(value('C_R')),
      idCred: value('ID_CRED_R'),
      th: th2,
      cred: value('CRED_R'),
      ead: NOTHING,
    };
    expectValue('context_2', macContext(about2));
    expectValue('info_MAC_2', schedule.kdfInfo(2, value('context_2'), length));
    expectValue('MAC_2', schedule.mac2(prk3, value('context_2'), length));
    if (signs) expectValue('signed_2', signedContent(about2, value('MAC_2')));
    const proof2 = makeProof(ownKey('SK_R'), about2, (context, size) => schedule.mac2(prk3, context, size));
    expectValue('Signature_or_MAC_2', proof2);
    const plaintext2 = encodePlaintext({
      connection: value('C_R'),
      idCred: value('ID_CRED_R'),
      signatureOrMac: proof2,
      ead: NOTHING,
    });
    expectValue('PLAINTEXT_2', plaintext2);
    expectValue('info_KEYSTREAM_2', schedule.kdfInfo(0, th2, plaintext2.length));
    expectValue('KEYSTREAM_2', schedule.keystream2(prk2e, th2, plaintext2.length));
    expectValue('CIPHERTEXT_2', xor(plaintext2, value('KEYSTREAM_2')));

    const th3 = schedule.transcriptNext(th2, plaintext2, value('CRED_R'));
    expectValue('TH_3', th3);
    if (!signs) {
      expectValue('info_SALT_4e3m', schedule.kdfInfo(5, th3, 32));
      expectValue('SALT_4e3m', schedule.kdf(prk3, 5, th3, 32));
      expectValue('G_IY', agree(curve, value('SK_I'), value('G_Y')));
    }
    const prk4 = schedule.prk4e3m(prk3, th3, signs ? undefined : value('G_IY'));
    expectValue('PRK_4e3m', prk4);
    const about3 = { idCred: value('ID_CRED_I'), th: th3, cred: value('CRED_I'), ead: NOTHING };
    expectValue('context_3', macContext(about3));
    expectValue('info_MAC_3', schedule.kdfInfo(6, value('context_3'), length));
    expectValue('MAC_3', schedule.mac3(prk4, value('context_3'), length));
    if (signs) expectValue('signed_3', signedContent(about3, value('MAC_3')));
    const proof3 = makeProof(ownKey('SK_I'), about3, (context, size) => schedule.mac3(prk4, context, size));
    expectValue('Signature_or_MAC_3', proof3);
    const plaintext3 = encodePlaintext({ idCred: value('ID_CRED_I'), signatureOrMac: proof3, ead: NOTHING });
    expectValue('PLAINTEXT_3', plaintext3);

    const key3 = schedule.messageKey3(prk3, th3);
    expectValue('info_K_3', schedule.kdfInfo(3, th3, 16));
    expectValue('info_IV_3', schedule.kdfInfo(4, th3, 13));
    expectValue('K_3', key3.key);
    expectValue('IV_3', key3.iv);
    expectValue('A_3', key3.aad);
    expectValue('CIPHERTEXT_3', encryptMessage(key3, plaintext3));
    const th4 = schedule.transcriptNext(th3, plaintext3, value('CRED_I'));
    expectValue('TH_4', th4);
    const key4 = schedule.messageKey4(prk4, th4);
    expectValue('info_K_4', schedule.kdfInfo(8, th4, 16));
    expectValue('info_IV_4', schedule.kdfInfo(9, th4, 13));
    expectValue('K_4', key4.key);
    expectValue('IV_4', key4.iv);
    expectValue('A_4', key4.aad);
    expectValue('CIPHERTEXT_4', encryptMessage(key4, NOTHING));
  });

  it('in the exporter and the key update', () => {
    expectValue('info_PRK_out', schedule.kdfInfo(7, value('TH_4'), 32));
    expectValue('PRK_out', schedule.prkOut(value('PRK_4e3m'), value('TH_4')));
    expectValue('info_PRK_exporter', schedule.kdfInfo(10, NOTHING, 32));
    expectValue('PRK_exporter', schedule.prkExporter(value('PRK_out')));
    expectValue('info_OSCORE_Master_Secret', schedule.kdfInfo(0, NOTHING, 16));
    expectValue('info_OSCORE_Master_Salt', schedule.kdfInfo(1, NOTHING, 8));
    const updated = schedule.updatedPrkOut(value('PRK_out'), value('KeyUpdate_context'));
    expectValue('KeyUpdate_PRK_out', updated);
    expectValue('KeyUpdate_PRK_exporter', schedule.prkExporter(updated));
    expectValue('KeyUpdate_OSCORE_Master_Secret', schedule.exporter(updated)(0, NOTHING, 16));
    expectValue('KeyUpdate_OSCORE_Master_Salt', schedule.exporter(updated)(1, NOTHING, 8));
  });

  it('and takes no message with a bit changed', () => {
    const flipped = (bytes: Uint8Array): Uint8Array => {
      const changed = Uint8Array.from(bytes);
      changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 1;
      return changed;
    };
    const first = initiate({
      method,
      suites,
      connection: value('C_I'),
      own: own('I'),
      credentialOf: () => ({ cred: value('CRED_R'), key: peerKey('PK_R') }),
      secret: value('X'),
    });
    const second = receiveMessage1(responder, first.message);
    const third = receiveMessage2(first.next, second.message);
    const fourth = receiveMessage3(second.next, third.message);
    expect(codeOf(() => receiveMessage2(first.next, flipped(second.message)))).toBe('session/proof');
    expect(codeOf(() => receiveMessage3(second.next, flipped(third.message)))).toBe('session/proof');
    expect(codeOf(() => receiveMessage4(third.next, flipped(fourth.message)))).toBe('session/proof');
  });
});
