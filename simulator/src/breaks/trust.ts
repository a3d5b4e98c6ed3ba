/** Whom and what it believes, and should not (SPEC.md, Trust, Ack, Clock, Put). */
import {
  type Certificate,
  COMMAND,
  type CoseMessage,
  decodeCose,
  decodeStrict,
  equalBytes,
  externalAad,
  Fields,
  type Put,
  REFUSAL,
  TimebandError,
  toHex,
  TrustStore,
  verifySign1,
} from '@timeband/protocol';
import { type Behaviour, changingAnswer, type FaultContext } from '../faults/behaviour.js';
import { breaks, changingRequest, reading, refusing, taking, together } from './break.js';

const { notTrusted, unknownGateway, staleNonce, hashMismatch, notSealed, notIntroduced, notAvailable } =
  REFUSAL;

export const TRUST_BREAKS = breaks({
  'believes-strangers': {
    description: 'gateways are believed whoever certified them',
    check: 'trust-stranger',
    create: (context) => helloing(context, 'cert/untrusted-issuer'),
  },
  'believes-spoiled': {
    description: 'certificates are believed whose signature does not hold',
    check: 'trust-spoiled',
    create: (context) => helloing(context, 'cert/signature'),
  },
  'believes-other-sites': {
    description: 'gateways of other sites are believed',
    check: 'trust-site',
    create: (context) => helloing(context, 'cert/site'),
  },
  'believes-anybody': {
    description: 'whoever has a certificate of the site is believed to be a gateway',
    check: 'trust-role',
    create: (context) => helloing(context, 'cert/role'),
  },
  'believes-expired': {
    description: 'gateways are believed whose certificate has expired',
    check: 'trust-expired',
    create: (context) => helloing(context, 'cert/expired'),
  },
  'ack-of-anybody': {
    description: 'acks are taken of gateways that never said hello',
    check: 'ack-unknown-gateway',
    create: (context) => acking(context, (ack, rc) => rc === unknownGateway && ack.gateway === undefined),
  },
  'ack-of-revoked': {
    description: 'acks are taken of gateways that were revoked',
    check: 'documents-revocation',
    create: (context) => acking(context, (ack, rc) => rc === unknownGateway && ack.gateway !== undefined),
  },
  'ack-unsigned': {
    description: 'acks are taken whose signature does not hold',
    check: 'ack-signature',
    create: (context) =>
      acking(context, (ack, rc) => rc === notTrusted && ack.isOurs && ack.signedFor === undefined),
  },
  'ack-any-purpose': {
    description: 'acks are taken that were signed as clock documents',
    check: 'ack-purpose',
    create: (context) => acking(context, (ack, rc) => rc === notTrusted && ack.signedFor === 'clock'),
  },
  'ack-any-site': {
    description: 'acks of other sites are taken',
    check: 'ack-site',
    create: (context) => acking(context, (ack, rc) => rc === notTrusted && ack.site !== context.site),
  },
  'ack-any-name': {
    description: 'acks in the name of another gateway are taken',
    check: 'ack-name',
    create: (context) =>
      acking(
        context,
        (ack, rc) => rc === notTrusted && ack.gateway !== undefined && ack.gateway.subject !== ack.name,
      ),
  },
  'ack-any-log': {
    description: 'acks of other logs are taken',
    check: 'ack-log',
    create: (context) => acking(context, (ack, rc) => rc === notTrusted && !ack.isOfLog),
  },
  'ack-unsealed': {
    description: 'acks beyond what it sealed are taken',
    check: 'ack-unsealed',
    create: (context) => acking(context, (_, rc) => rc === notSealed),
  },
  'ack-any-hash': {
    description: 'acks of another history are taken',
    check: 'ack-hash',
    create: (context) => acking(context, (_, rc) => rc === hashMismatch),
  },
  'ack-once': {
    description: 'the same ack again is refused',
    check: 'ack-again',
    create: (context) => {
      let before = -1;
      return together(
        changingRequest(COMMAND.ack, () => {
          before = context.reader.identity().acked;
          return undefined;
        }),
        refusing(COMMAND.ack, (bytes) => readAck(bytes)?.upto === before, notSealed),
      );
    },
  },
  'ack-goes-back': {
    description: 'an older ack is answered with its own number',
    check: 'ack-older',
    create: () => {
      let upto = 0;
      return together(
        changingRequest(COMMAND.ack, (bytes) => {
          upto = readAck(bytes)?.upto ?? 0;
          return undefined;
        }),
        changingAnswer(COMMAND.ack, ({ acked }) => (upto < acked ? { acked: upto } : undefined)),
      );
    },
  },
  'ack-erases': {
    description: 'records are gone as soon as they are acknowledged',
    check: 'ack-keeps',
    create: ({ reader }) =>
      together(
        changingAnswer(COMMAND.identity, (identity) => ({ ...identity, oldest: identity.acked + 1 })),
        refusing(COMMAND.records, ({ from }) => from <= reader.identity().acked, notAvailable),
      ),
  },
  'clock-replayed': {
    description: 'a clock document is taken again',
    check: 'clock-replay',
    create: (context) => clocking(context, (clock, rc) => rc === staleNonce && clock.wasTaken),
  },
  'clock-any-nonce': {
    description: 'clock documents are taken whatever nonce they answer',
    check: 'clock-other-nonce',
    create: (context) => clocking(context, (clock, rc) => rc === staleNonce && !clock.wasTaken),
  },
  'clock-any-device': {
    description: 'clock documents for other devices are taken',
    check: 'clock-other-device',
    create: (context) => clocking(context, (clock, rc) => rc === notTrusted && !clock.isOurs),
  },
  'clock-any-future': {
    description: 'it takes a time at which the certificate of its gateway has expired',
    check: 'clock-ceiling',
    create: (context) =>
      clocking(
        context,
        ({ wall, gateway }, rc) => rc === notTrusted && wall >= (gateway?.expires ?? Infinity),
      ),
  },
  'feedback-for-anything': {
    description: 'feedback is shown for records that it never logged',
    check: 'feedback-unknown-record',
    create: () =>
      taking(
        COMMAND.feedback,
        (_, rc) => rc === notAvailable,
        () => undefined,
      ),
  },
  'feedback-once': {
    description: 'the feedback of one record again is refused',
    check: 'feedback-again',
    create: () => {
      const shown = new Set<number>();
      return refusing(
        COMMAND.feedback,
        ({ seq }) => {
          const isAgain = shown.has(seq);
          shown.add(seq);
          return isAgain;
        },
        notIntroduced,
      );
    },
  },
  'skips-pieces': {
    description: 'a piece that is not the next one is answered as if it were',
    check: 'documents-order',
    create: () => {
      let end = 0;
      return together(
        changingRequest(COMMAND.put, ({ offset, data }) => {
          end = offset + data.length;
          return undefined;
        }),
        changingAnswer(COMMAND.put, () => ({ next: end })),
      );
    },
  },
  'takes-overhang': {
    description: 'pieces are taken that go beyond the total',
    check: 'documents-bad-pieces',
    create: () =>
      taking(
        COMMAND.put,
        ({ offset, data, total = 0 }, rc) => rc === 3 && offset === 0 && data.length > total && total > 0,
        ({ total = 0 }) => ({ next: total }),
      ),
  },
  'takes-other-policy': {
    description: 'another policy document under the same number is taken',
    check: 'documents-policy-other',
    create: (context) =>
      putting(context, 'policy', ({ number, isSigned, held }) => isSigned && number === held),
  },
  'takes-unsigned-policy': {
    description: 'policy documents are taken whoever signed them',
    check: 'documents-policy-signature',
    create: (context) => putting(context, 'policy', ({ isSigned }) => !isSigned),
  },
  'keeps-strangers': {
    description: 'it keeps certificates of strangers',
    check: 'documents-certificate-stranger',
    create: (context) => putting(context, 'certificate', () => true),
  },
  'takes-other-grant': {
    description: 'it answers another grant with success',
    check: 'provisioning-grant',
    create: (context) => putting(context, 'grant', () => true),
  },
  'obeys-anybody': {
    description: 'it answers an order to forget by a stranger with success',
    check: 'provisioning-wipe-stranger',
    create: (context) => putting(context, 'wipe', ({ isSigned }) => !isSigned),
  },
});

/** Certificates are taken that are refused for this. */
function helloing({ issuer, site, reader }: FaultContext, code: string): Behaviour {
  return taking(
    COMMAND.hello,
    (certificate) => {
      const time = reader.clock.time();
      const now = time.quality === 'set' ? time.wall : undefined;
      try {
        new TrustStore([issuer]).verify(certificate, { roles: ['gateway'], site, now });
        return false;
      } catch (error) {
        if (!(error instanceof TimebandError)) throw error;
        return error.code === code;
      }
    },
    () => undefined,
  );
}

/** Everybody of the site who said hello, by key id. */
function listening({ issuer, site }: FaultContext) {
  const heard = new Map<string, Certificate>();
  const behaviour = changingRequest(COMMAND.hello, (bytes) => {
    const certificate = reading(() => new TrustStore([issuer]).verify(bytes, { roles: ['gateway'], site }));
    if (certificate !== undefined) heard.set(toHex(certificate.kid), certificate);
    return undefined;
  });
  return { behaviour, of: ({ kid }: CoseMessage) => heard.get(toHex(kid)) };
}

interface AckClaims {
  readonly upto: number;
  readonly site: string;
  readonly name: string;
  readonly gateway: Certificate | undefined;
  readonly isOfLog: boolean;
  /** Everything that it says is right. */
  readonly isOurs: boolean;
  readonly signedFor: 'ack' | 'clock' | undefined;
}

function readAck(bytes: Uint8Array) {
  return reading(() => {
    const message = decodeCose(bytes);
    const fields = Fields.of(decodeStrict(message.payload ?? new Uint8Array()), 'ack');
    return {
      message,
      logId: fields.bytes(1),
      upto: fields.uint(2),
      site: fields.text(4),
      name: fields.text(5),
    };
  });
}

/** Acks are answered as if they had been applied. */
function acking(context: FaultContext, takes: (ack: AckClaims, rc: number) => boolean): Behaviour {
  const gateways = listening(context);
  const claimsOf = (bytes: Uint8Array): AckClaims | undefined => {
    const ack = readAck(bytes);
    if (ack === undefined) return undefined;
    const { message, logId, upto, site, name } = ack;
    const gateway = gateways.of(message);
    const isOfLog = equalBytes(logId, context.reader.identity().logId);
    const signs = (purpose: 'ack' | 'clock'): boolean =>
      gateway !== undefined &&
      reading(() => verifySign1(message, gateway.key, externalAad(purpose, context.site))) !== undefined;
    const isOurs = isOfLog && site === context.site && gateway?.subject === name;
    const signedFor = signs('ack') ? 'ack' : signs('clock') ? 'clock' : undefined;
    return { upto, site, name, gateway, isOfLog, isOurs, signedFor };
  };
  return together(
    gateways.behaviour,
    taking(
      COMMAND.ack,
      (bytes, rc) => {
        const claims = claimsOf(bytes);
        return claims !== undefined && takes(claims, rc);
      },
      (bytes) => ({ acked: readAck(bytes)?.upto ?? 0 }),
    ),
  );
}

interface ClockClaims {
  /** Unix seconds. */
  readonly wall: number;
  readonly isOurs: boolean;
  readonly wasTaken: boolean;
  readonly gateway: Certificate | undefined;
}

/** Clock documents are answered as if they had been taken. */
export function clocking(
  context: FaultContext,
  takes: (clock: ClockClaims, rc: number) => boolean,
): Behaviour {
  const gateways = listening(context);
  const taken = new Set<string>();
  const claimsOf = (bytes: Uint8Array): ClockClaims | undefined =>
    reading(() => {
      const message = decodeCose(bytes);
      const fields = Fields.of(decodeStrict(message.payload ?? new Uint8Array()), 'clock');
      const isOurs = fields.text(1) === context.reader.identity().device;
      const nonce = toHex(fields.bytes(2));
      const wasTaken = taken.has(nonce);
      taken.add(nonce);
      return { wall: fields.optionalUint(3) ?? 0, isOurs, wasTaken, gateway: gateways.of(message) };
    });
  let claims: ClockClaims | undefined;
  return together(
    gateways.behaviour,
    taking(
      COMMAND.clock,
      (_, rc) => claims !== undefined && takes(claims, rc),
      () => undefined,
    ),
    changingRequest(COMMAND.clock, (bytes) => {
      claims = claimsOf(bytes);
      return undefined;
    }),
  );
}

interface DocumentClaims {
  /** Of a policy document. */
  readonly number: number;
  /** The number of its type that the device holds. */
  readonly held: number;
  /** By the issuer, for its purpose. */
  readonly isSigned: boolean;
}

/** Documents of one piece are answered as if they had been taken. */
export function putting(
  { issuer, site, reader }: FaultContext,
  what: 'policy' | 'certificate' | 'grant' | 'wipe',
  takes: (document: DocumentClaims) => boolean,
): Behaviour {
  const claimsOf = ({ data }: Put): DocumentClaims => {
    const message = reading(() => decodeCose(data));
    const signed =
      message && what !== 'certificate'
        ? reading(() => verifySign1(message, issuer, externalAad(what, site)))
        : undefined;
    const fields = reading(() => Fields.of(decodeStrict(message?.payload ?? new Uint8Array()), what));
    const [type, number] = [reading(() => fields?.uint(1)) ?? 0, reading(() => fields?.uint(2)) ?? 0];
    const held = reader.policies().find((policy) => policy.type === type)?.number ?? 0;
    return { number, held, isSigned: signed !== undefined };
  };
  let begun: Put | undefined;
  return together(
    changingRequest(COMMAND.put, (piece) => {
      if (piece.offset === 0) begun = piece;
      else if (begun !== undefined) begun = { ...begun, data: Buffer.concat([begun.data, piece.data]) };
      return undefined;
    }),
    taking(
      COMMAND.put,
      (piece, rc) =>
        piece.what === what &&
        [REFUSAL.notTrusted, REFUSAL.provisioned].some((refused) => refused === rc) &&
        begun?.total === begun?.data.length &&
        begun !== undefined &&
        takes(claimsOf(begun)),
      ({ offset, data }) => ({ next: offset + data.length }),
    ),
  );
}
