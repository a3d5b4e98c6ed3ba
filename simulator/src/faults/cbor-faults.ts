/** Hostile CBOR: in the answers to `status` and `records`, and in records that the device logs and seals itself. */
import {
  COMMAND,
  concat,
  type CborMap,
  type CborValue,
  encode,
  fromHex,
  OP,
  type SmpPacket,
  TIMEBAND_GROUP,
} from '@timeband/protocol';
import { bodyOf, type Behaviour, type Fault } from './behaviour.js';

export const CBOR_FAULTS = {
  'cbor-deep': {
    description: 'arrays nested 200 deep',
    create: () => answering(() => fromHex(`a101${'81'.repeat(200)}00`)),
  },
  'cbor-huge': {
    description: 'an array that announces four billion items',
    create: () => answering(() => fromHex('a1019affffffff00')),
  },
  'cbor-duplicate-keys': {
    description: 'a map with the same key twice',
    create: () => answering(() => fromHex('a201000100')),
  },
  'cbor-indefinite': {
    description: 'maps and arrays of indefinite length, as zcbor encodes them; the answers are good',
    create: () => answering(({ body }) => encodeIndefinite(body)),
  },
  'cbor-record-tag': {
    description: 'the tag by which some decoders define record structures that outlive the message',
    create: () => answering(() => fromHex('a101d9dfff8319e00081616101')),
  },
  'cbor-bignum': {
    description: 'an integer of 300 bytes',
    create: () => answering(() => fromHex(`a101c259012c${'ff'.repeat(300)}`)),
  },
  'cbor-bad-utf8': {
    description: 'text that is not UTF-8',
    create: () => answering(() => fromHex('a10162c328')),
  },
  'record-unsorted-keys': {
    description: 'records whose keys do not ascend, logged and sealed by the device itself',
    create: () => ({
      onRecord: (record) => concat(record.subarray(0, 1), record.subarray(3), record.subarray(1, 3)),
    }),
  },
  'record-long-heads': {
    description: 'records with a number encoded longer than needed, logged and sealed by the device itself',
    create: () => replacingKind((kind) => Uint8Array.of(0x18, kind)),
  },
  'record-float': {
    description: 'records with a floating-point number, logged and sealed by the device itself',
    create: () => replacingKind(() => fromHex('f94000')),
  },
} as const satisfies Record<string, Fault>;

/** Replaces the payload of good answers to `status` and `records`. */
function answering(payload: (answer: { readonly body: CborMap }) => Uint8Array): Behaviour {
  const victims: readonly number[] = [COMMAND.status.id, COMMAND.records.id];
  return {
    onAnswer: (packet: SmpPacket) => {
      const { op, group, id } = packet;
      if (group !== TIMEBAND_GROUP || op !== OP.readResponse || !victims.includes(id)) return undefined;
      const body = bodyOf(packet);
      return body === undefined ? undefined : { ...packet, payload: payload({ body }) };
    },
  };
}

/** A record is a map that begins with key 1, the kind, a number below 24: bytes 1 and 2. */
function replacingKind(encoded: (kind: number) => Uint8Array): Behaviour {
  return {
    onRecord: (record) => concat(record.subarray(0, 2), encoded(record[2] ?? 0), record.subarray(3)),
  };
}

const BREAK = Uint8Array.of(0xff);

/** The same value with indefinite lengths for maps and arrays. */
export function encodeIndefinite(value: CborValue): Uint8Array {
  if (value instanceof Map) {
    const map = value as CborMap;
    const parts = [...map].flatMap(([key, item]) => [encode(key), encodeIndefinite(item)]);
    return concat(Uint8Array.of(0xbf), ...parts, BREAK);
  }
  if (Array.isArray(value)) {
    return concat(Uint8Array.of(0x9f), ...(value as CborValue[]).map(encodeIndefinite), BREAK);
  }
  return encode(value);
}
