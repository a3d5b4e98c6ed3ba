/** Devices that take what they should refuse: certificates, acks, clock documents, and what is put piece by piece. */
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
import { type Behaviour, type FaultContext } from '../faults/behaviour.js';
import { changingRequest, reading, taking, together } from './break.js';

/** Certificates are taken that are refused for this. */
export function helloing({ issuer, site, reader }: FaultContext, code: string): Behaviour {
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

export function readAck(bytes: Uint8Array) {
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
export function acking(context: FaultContext, takes: (ack: AckClaims, rc: number) => boolean): Behaviour {
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
