/**
 * Packets that a stranger can send over a connection to crash or stall a careless stack: too short, with lengths that
 * lie, without end, or in answer to nothing. Some are sent as soon as notifications are on, others in answer to a request.
 */
import type { BandFault } from '../band/behaviour.js';
import { ATT } from '../gatt/att.js';
import { SMP_VALUE_HANDLE, uuid16 } from '../gatt/attributes.js';
import { CID, frame } from '../gatt/l2cap.js';
import type { Fragment } from '../link-layer/ends.js';

/** Fragments of a frame that never ends. */
const ENDLESS = 200;

/** Longest payload that every band may send. */
const LONGEST = 27;

const start = (...bytes: number[]): Fragment => ({ isStart: true, bytes: Uint8Array.from(bytes) });
const more = (length: number): Fragment => ({ isStart: false, bytes: new Uint8Array(length).fill(0x5a) });
const whole = (cid: number, ...payload: number[]): Fragment => ({
  isStart: true,
  bytes: frame(cid, Uint8Array.from(payload)),
});

/** Sent unasked. */
function sending(what: string, ...fragments: readonly Fragment[]): BandFault {
  return {
    description: `hostile: ${what}`,
    create: ({ band }) => ({
      onSubscribed: () => () => {
        fragments.forEach(band.sendFragment);
      },
    }),
  };
}

/** Sent in answer to requests of one kind. */
function answering(what: string, opcode: number, ...response: readonly number[]): BandFault {
  return {
    description: `hostile: ${what}`,
    create: () => ({ onRequest: (pdu) => (pdu[0] === opcode ? [Uint8Array.from(response)] : undefined) }),
  };
}

const HANDLE = uuid16(SMP_VALUE_HANDLE);
const { notification, indication, readByGroupResponse, readByTypeResponse, findInformationResponse } = ATT;

export const HOSTILE_PACKETS = {
  'notification-of-1-byte': sending('a notification of one byte', whole(CID.att, notification)),
  'notification-of-2-bytes': sending('a notification of half a handle', whole(CID.att, notification, 0x09)),
  'notification-empty': sending('notifications without a value', whole(CID.att, notification, ...HANDLE)),
  'notification-of-no-handle': sending(
    'a notification of handle 0',
    whole(CID.att, notification, 0, 0, 1, 2),
  ),
  'indication-of-1-byte': sending('an indication of one byte', whole(CID.att, indication)),
  'indication-unasked': sending(
    'an indication that nobody asked for',
    whole(CID.att, indication, ...HANDLE, 1),
  ),
  'att-empty': sending('an attribute PDU of no bytes', whole(CID.att)),
  'att-error-short': sending('an error response of one byte', whole(CID.att, ATT.error)),
  'att-unknown-opcode': sending('an opcode that there is not', whole(CID.att, 0x3f, 1, 2, 3)),
  'att-response-unasked': sending('a response to no request', whole(CID.att, ATT.writeResponse)),
  'att-request-from-band': sending('a request of its own', whole(CID.att, ATT.mtuRequest, 0xff, 0xff)),
  'att-request-short': sending('a request of its own, of one byte', whole(CID.att, ATT.readRequest)),
  'mtu-response-short': answering('an MTU of one byte', ATT.mtuRequest, ATT.mtuResponse, 23),
  'mtu-zero': answering('an MTU of 0', ATT.mtuRequest, ATT.mtuResponse, 0, 0),
  'mtu-huge': answering('an MTU of 65,535', ATT.mtuRequest, ATT.mtuResponse, 0xff, 0xff),
  'services-of-length-0': answering(
    'a list of services of 0 bytes each',
    ATT.readByGroupRequest,
    readByGroupResponse,
    0,
  ),
  'services-of-length-1': answering(
    'a list of services of 1 byte each',
    ATT.readByGroupRequest,
    ...[readByGroupResponse, 1, 1],
  ),
  'services-cut-short': answering(
    'a list of services that ends in the middle of one',
    ATT.readByGroupRequest,
    ...[readByGroupResponse, 6, 1, 0, 5],
  ),
  'services-without-end': answering(
    'the same service again and again',
    ATT.readByGroupRequest,
    ...[readByGroupResponse, 6, 1, 0, 1, 0, 0x00, 0x18],
  ),
  'characteristics-of-length-0': answering(
    'a list of characteristics of 0 bytes each',
    ATT.readByTypeRequest,
    readByTypeResponse,
    0,
  ),
  'characteristics-cut-short': answering(
    'a list of characteristics that ends in the middle of one',
    ATT.readByTypeRequest,
    ...[readByTypeResponse, 7, 1],
  ),
  'characteristics-without-end': answering(
    'the same characteristic again and again',
    ATT.readByTypeRequest,
    ...[readByTypeResponse, 7, 2, 0, 0x14, 3, 0, 0x00, 0x2a],
  ),
  'descriptors-of-format-0': answering(
    'a list of descriptors of no format',
    ATT.findInformationRequest,
    ...[findInformationResponse, 0],
  ),
  'write-response-wrong': answering(
    'an error of no code to a write',
    ATT.writeRequest,
    ATT.error,
    ATT.writeRequest,
  ),
  'fragment-of-1-byte': sending('a frame of one byte', start(0x03)),
  'fragment-of-3-bytes': sending('a frame of three bytes', start(0x03, 0x00, 0x04)),
  'frame-too-long': sending('a frame longer than it says', start(2, 0, 4, 0, ...new Uint8Array(18))),
  'frame-unfinished': sending('a frame that is never finished', start(0xf4, 1, 4, 0, 0x1b, 9, 0)),
  'frame-without-start': sending('the rest of a frame that never began', more(LONGEST)),
  'frame-without-end': sending(
    'a frame that goes on beyond its length without end',
    start(0x20, 0, 4, 0, 0x1b, 9, 0),
    ...Array.from({ length: ENDLESS }, () => more(LONGEST)),
  ),
  'frame-of-65535': sending(
    'a frame of 65,535 bytes',
    start(0xff, 0xff, 4, 0, 0x1b, 9, 0),
    ...Array.from({ length: ENDLESS }, () => more(LONGEST)),
  ),
  'pairing-empty': sending('a security manager PDU of no bytes', whole(CID.securityManager)),
  'pairing-short': sending('a pairing response of one byte', whole(CID.securityManager, 0x02)),
  'pairing-unasked': sending('a pairing confirm nobody waits for', whole(CID.securityManager, 0x03, 1, 2)),
  'signalling-short': sending('a signalling PDU of one byte', whole(CID.signalling, 0x12)),
  'signalling-cut-short': sending(
    'a request for other connection parameters, cut short',
    whole(CID.signalling, 0x12, 1, 8, 0, 6),
  ),
  'channel-unknown': sending('a frame on a channel that there is not', whole(0x0077, 1, 2, 3)),
} as const satisfies Record<string, BandFault>;
