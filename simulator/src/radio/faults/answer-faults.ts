/** Faults of what a band answers over a connection that is sound in itself. */
import { concat } from '@timeband/protocol';
import type { BandFault } from '../band/behaviour.js';
import { ATT, ATT_ERROR, errorResponse } from '../gatt/att.js';
import { TYPE } from '../gatt/attributes.js';

const LATE_MS = 3_000;
/** Unasked notifications at a time: as many as a connection holds, and some that it does not. */
const FLOOD = 300;

/** Refuses requests of one kind that ask for one type. */
function hiding(description: string, opcode: number, type: number): BandFault {
  return {
    description,
    create: () => ({
      onRequest: (pdu) => {
        const isIt = pdu[0] === opcode && pdu[5] === (type & 0xff) && pdu[6] === type >> 8;
        return isIt ? [errorResponse(opcode, 1, ATT_ERROR.notFound)] : undefined;
      },
    }),
  };
}

/** Refuses every request but the MTU's. */
function refusing(
  description: string,
  code: typeof ATT_ERROR.invalidPdu | typeof ATT_ERROR.authentication,
): BandFault {
  return {
    description,
    create: () => ({
      onRequest: (pdu) =>
        pdu[0] === undefined || pdu[0] === ATT.mtuRequest || (pdu[0] & 1) === 1 || pdu[0] === ATT.writeCommand
          ? undefined
          : [errorResponse(pdu[0], 0, code)],
    }),
  };
}

export const ANSWER_FAULTS = {
  stall: {
    description: 'it takes requests and never answers; the connection stays',
    create: () => ({ onPacket: () => () => undefined }),
  },
  'late-answer': {
    description: `every answer ${LATE_MS / 1_000} s late`,
    create: ({ band }) => ({
      onPacket: (packet) => () => {
        band.handLater(packet, LATE_MS);
      },
    }),
  },
  garbage: {
    description: 'random bytes instead of every answer',
    create: ({ random }) => ({ onAnswer: (pieces) => pieces.map(({ length }) => random.bytes(length)) }),
  },
  'reordered-notifications': {
    description: 'the pieces of every answer in the opposite order',
    create: () => ({ onAnswer: (pieces) => [...pieces].reverse() }),
  },
  'lost-notification': {
    description: 'the last piece of every answer is missing',
    create: () => ({ onAnswer: (pieces) => pieces.slice(0, -1) }),
  },
  'duplicate-notifications': {
    description: 'every piece of an answer twice',
    create: () => ({ onAnswer: (pieces) => pieces.flatMap((piece) => [piece, piece]) }),
  },
  'overlong-answer': {
    description: 'every answer goes on beyond the length in its header',
    create: ({ random }) => ({ onAnswer: (pieces) => [concat(...pieces), random.bytes(64)] }),
  },
  'notification-flood': {
    description: 'as many unasked notifications as the connection carries',
    create: ({ band, random }) => ({
      onSubscribed: () => () => {
        for (let i = 0; i < FLOOD; i++) band.notify(random.bytes(20));
      },
    }),
  },
  'full-flash': {
    description: 'its flash is full of records that nobody has acknowledged',
    create: ({ band }) => {
      band.fillFlash();
      return {};
    },
  },
  'no-service': hiding('its server has no services', ATT.readByGroupRequest, TYPE.primaryService),
  'no-characteristic': hiding('its services are empty', ATT.readByTypeRequest, TYPE.characteristic),
  'no-configuration': hiding(
    'notifications cannot be turned on: the descriptor is missing',
    ATT.readByTypeRequest,
    TYPE.clientConfiguration,
  ),
  'att-invalid-pdu': refusing(
    'every request of the attribute protocol is called invalid',
    ATT_ERROR.invalidPdu,
  ),
  'att-authentication': refusing('every request asks for authentication first', ATT_ERROR.authentication),
} as const satisfies Record<string, BandFault>;
