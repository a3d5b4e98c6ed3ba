/**
 * What a connected stranger may say to noble in the attribute protocol (Core, Vol 3, Part F): answers to what was asked,
 * whole and in the form asked for, and notifications. noble reads beyond the end of what is shorter, loops on lists of
 * no length, and never returns from some errors.
 */
import { ATT, readU16 } from './codes.js';

/** `pass`: to noble as it is; `drop`: legal or harmless, and of no use; `disconnect`: only an attacker sends it. */
export type Verdict =
  | { readonly do: 'pass'; readonly pdu: Uint8Array }
  | { readonly do: 'drop' | 'disconnect'; readonly because: string };

/** The request under way: a client has one at a time. */
interface Request {
  readonly opcode: number;
  readonly first: number;
  readonly last: number;
  readonly type: number;
}

const CHARACTERISTIC = 0x2803;
const VALUE_HEADER_BYTES = 3;
const MIN_MTU = 23;
const ERROR_BYTES = 5;

/** The entries of a list: how long they may be, and where the last handle stands that one covers. */
interface ListForm {
  readonly lengths: readonly number[];
  readonly lastAt: number;
}
/** First and last handle, and a UUID of two or sixteen bytes. */
const SERVICES: ListForm = { lengths: [6, 20], lastAt: 2 };
/** The declaration's handle, properties, the value's handle, and a UUID. */
const CHARACTERISTICS: ListForm = { lengths: [7, 21], lastAt: 3 };
/** A handle and a configuration: the only other attributes that noble asks for. */
const CONFIGURATIONS: ListForm = { lengths: [4], lastAt: 0 };

/** Errors at which noble starts to pair or waits for ever, and the one that says as much and that it understands. */
const MISUNDERSTOOD: ReadonlySet<number> = new Set([0x04, 0x05, 0x08, 0x0f]);
const UNLIKELY = 0x0e;

const RESPONSE_TO: Readonly<Record<number, number>> = {
  [ATT.mtuResponse]: ATT.mtuRequest,
  [ATT.findInformationResponse]: ATT.findInformationRequest,
  [ATT.readByTypeResponse]: ATT.readByTypeRequest,
  [ATT.readResponse]: ATT.readRequest,
  [ATT.readBlobResponse]: ATT.readBlobRequest,
  [ATT.readByGroupResponse]: ATT.readByGroupRequest,
  [ATT.writeResponse]: ATT.writeRequest,
};

export class AttGuard {
  private request: Request | undefined;
  /** The attribute that was last written with a response: where notifications are turned on. */
  lastWritten: number | undefined;

  /** Watches a PDU of noble's. */
  sent(pdu: Uint8Array): void {
    const [opcode] = pdu;
    if (
      opcode === undefined ||
      (opcode & 1) === 1 ||
      opcode === ATT.writeCommand ||
      opcode === ATT.confirmation
    )
      return;
    this.request = { opcode, first: readU16(pdu, 1), last: readU16(pdu, 3), type: readU16(pdu, 5) };
    if (opcode === ATT.writeRequest) this.lastWritten = readU16(pdu, 1);
  }

  /** Judges a PDU of the peer's. */
  received(pdu: Uint8Array): Verdict {
    const [opcode] = pdu;
    if (opcode === undefined) return disconnect('att-empty');
    if (opcode === ATT.notification) return notification(pdu);
    if (opcode === ATT.indication)
      return pdu.length < VALUE_HEADER_BYTES ? disconnect('att-short') : drop('att-indication');
    if (opcode === ATT.error) return this.refused(pdu);
    const asked = RESPONSE_TO[opcode];
    if (asked === undefined) return drop((opcode & 1) === 0 ? 'att-request' : 'att-unknown');
    const { request } = this;
    if (request?.opcode !== asked) return drop('att-unasked');
    if (!isSound(pdu, request)) return disconnect('att-malformed');
    this.request = undefined;
    return { do: 'pass', pdu };
  }

  private refused(pdu: Uint8Array): Verdict {
    if (pdu.length !== ERROR_BYTES) return disconnect('att-short');
    if (this.request === undefined || this.request.opcode !== pdu[1]) return drop('att-unasked');
    this.request = undefined;
    if (!MISUNDERSTOOD.has(pdu[4] ?? 0)) return { do: 'pass', pdu };
    const understood = Uint8Array.from(pdu);
    understood[4] = UNLIKELY;
    return { do: 'pass', pdu: understood };
  }
}

function notification(pdu: Uint8Array): Verdict {
  if (pdu.length < VALUE_HEADER_BYTES) return disconnect('att-short');
  if (readU16(pdu, 1) === 0) return disconnect('att-handle-0');
  return pdu.length === VALUE_HEADER_BYTES ? drop('att-empty-value') : { do: 'pass', pdu };
}

function isSound(pdu: Uint8Array, request: Request): boolean {
  switch (pdu[0] ?? 0) {
    case ATT.mtuResponse:
      return pdu.length === 3 && readU16(pdu, 1) >= MIN_MTU;
    case ATT.writeResponse:
      return pdu.length === 1;
    case ATT.readByGroupResponse:
      return isList(pdu, request, SERVICES);
    case ATT.readByTypeResponse:
      return isList(pdu, request, request.type === CHARACTERISTIC ? CHARACTERISTICS : CONFIGURATIONS);
    case ATT.findInformationResponse:
      return isInformation(pdu, request);
    default:
      return true;
  }
}

/** Whether a list's handles only grow, within what was asked: otherwise discovery would never end. */
function isList(pdu: Uint8Array, request: Request, { lengths, lastAt }: ListForm): boolean {
  const length = pdu[1] ?? 0;
  if (!lengths.includes(length) || pdu.length === 2 || (pdu.length - 2) % length !== 0) return false;
  let least = request.first;
  for (let at = 2; at < pdu.length; at += length) {
    const first = readU16(pdu, at);
    const last = readU16(pdu, at + lastAt);
    if (first < least || last < first || last > request.last) return false;
    least = last + 1;
  }
  return true;
}

function isInformation(pdu: Uint8Array, request: Request): boolean {
  const length = pdu[1] === 1 ? 4 : pdu[1] === 2 ? 18 : 0;
  if (length === 0 || pdu.length === 2 || (pdu.length - 2) % length !== 0) return false;
  let least = request.first;
  for (let at = 2; at < pdu.length; at += length) {
    const handle = readU16(pdu, at);
    if (handle < least || handle > request.last) return false;
    least = handle + 1;
  }
  return true;
}

function drop(because: string): Verdict {
  return { do: 'drop', because };
}

function disconnect(because: string): Verdict {
  return { do: 'disconnect', because };
}
