/** How a client finds its way through a server's attributes (Core, Vol 3, Part F, 3.4.3 and 3.4.4). */
import { concat, equalBytes } from '@timeband/protocol';
import { ATT, ATT_ERROR, AttRefusal } from './att.js';
import { type Attribute, TYPE, uuid16 } from './attributes.js';

const PRIMARY_SERVICE = uuid16(TYPE.primaryService);
const RANGE_BYTES = 5;

/** The attributes between the two handles that begin a request. @throws AttRefusal */
function inRange(attributes: readonly Attribute[], request: DataView): readonly Attribute[] {
  if (request.byteLength < RANGE_BYTES) throw new AttRefusal(0, ATT_ERROR.invalidPdu);
  const start = request.getUint16(1, true);
  const end = request.getUint16(3, true);
  if (start === 0 || start > end) throw new AttRefusal(start, ATT_ERROR.invalidHandle);
  const found = attributes.filter(({ handle }) => handle >= start && handle <= end);
  if (found.length === 0) throw new AttRefusal(start, ATT_ERROR.notFound);
  return found;
}

function bytesFrom(request: DataView, at: number): Uint8Array {
  return new Uint8Array(request.buffer, request.byteOffset + at, request.byteLength - at);
}

/** The type that a request asks for: a UUID of two or sixteen bytes. @throws AttRefusal */
function typeIn(request: DataView): Uint8Array {
  const type = bytesFrom(request, Math.min(RANGE_BYTES, request.byteLength));
  if (type.length !== 2 && type.length !== 16) throw new AttRefusal(0, ATT_ERROR.invalidPdu);
  return type;
}

/** As many entries as fit and have the length of the first, which stands before them. */
function listOf(opcode: number, entries: readonly Uint8Array[], mtu: number, start: number): Uint8Array {
  const [first] = entries;
  if (first === undefined) throw new AttRefusal(start, ATT_ERROR.notFound);
  const most = Math.max(1, Math.floor((mtu - 2) / first.length));
  const other = entries.findIndex(({ length }) => length !== first.length);
  const taken = entries.slice(0, Math.min(most, other < 0 ? entries.length : other));
  return concat(Uint8Array.of(opcode, first.length), ...taken).subarray(0, mtu);
}

/** @throws AttRefusal */
export function readByGroup(attributes: readonly Attribute[], request: DataView, mtu: number): Uint8Array {
  const range = inRange(attributes, request);
  const start = request.getUint16(1, true);
  if (!equalBytes(typeIn(request), PRIMARY_SERVICE)) throw new AttRefusal(start, ATT_ERROR.unsupportedGroup);
  const entries = range.flatMap(({ handle, groupEnd, value }) =>
    groupEnd === undefined || value === undefined ? [] : [concat(uuid16(handle), uuid16(groupEnd), value)],
  );
  return listOf(ATT.readByGroupResponse, entries, mtu, start);
}

/**
 * @param read the value of an attribute, undefined where it may not be read
 * @throws AttRefusal
 */
export function readByType(
  attributes: readonly Attribute[],
  request: DataView,
  mtu: number,
  read: (attribute: Attribute) => Uint8Array | undefined,
): Uint8Array {
  const range = inRange(attributes, request);
  const start = request.getUint16(1, true);
  const wanted = typeIn(request);
  const entries = range
    .filter(({ type }) => equalBytes(type, wanted))
    .map((attribute) => {
      const value = read(attribute);
      if (value === undefined) throw new AttRefusal(attribute.handle, ATT_ERROR.readNotPermitted);
      return concat(uuid16(attribute.handle), value.subarray(0, mtu - 4));
    });
  return listOf(ATT.readByTypeResponse, entries, mtu, start);
}

const FORMAT = { uuid16: 1, uuid128: 2 } as const;

/** @throws AttRefusal */
export function findInformation(
  attributes: readonly Attribute[],
  request: DataView,
  mtu: number,
): Uint8Array {
  if (request.byteLength !== RANGE_BYTES) throw new AttRefusal(0, ATT_ERROR.invalidPdu);
  const range = inRange(attributes, request);
  const entries = range.map(({ handle, type }) => concat(uuid16(handle), type));
  const list = listOf(ATT.findInformationResponse, entries, mtu, request.getUint16(1, true));
  list[1] = range[0]?.type.length === 2 ? FORMAT.uuid16 : FORMAT.uuid128;
  return list;
}

/** Services by their UUID. @throws AttRefusal */
export function findByTypeValue(
  attributes: readonly Attribute[],
  request: DataView,
  mtu: number,
): Uint8Array {
  const range = inRange(attributes, request);
  const start = request.getUint16(1, true);
  if (request.byteLength < RANGE_BYTES + 2) throw new AttRefusal(0, ATT_ERROR.invalidPdu);
  const isService = request.getUint16(RANGE_BYTES, true) === TYPE.primaryService;
  const wanted = bytesFrom(request, RANGE_BYTES + 2);
  const found = range.flatMap(({ handle, groupEnd, value }) =>
    isService && groupEnd !== undefined && value !== undefined && equalBytes(value, wanted)
      ? [concat(uuid16(handle), uuid16(groupEnd))]
      : [],
  );
  if (found.length === 0) throw new AttRefusal(start, ATT_ERROR.notFound);
  return concat(Uint8Array.of(ATT.findByTypeValueResponse), ...found).subarray(0, mtu);
}
