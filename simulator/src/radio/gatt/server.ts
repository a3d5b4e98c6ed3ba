/** A band's GATT server for one connection: discovery, the MTU, and the SMP characteristic (Core, Vol 3, Parts F and G). */
import {
  ATT,
  ATT_ERROR,
  AttRefusal,
  COMMAND_FLAG,
  errorResponse,
  MIN_MTU,
  notification,
  VALUE_HEADER_BYTES,
} from './att.js';
import { type Attribute, SMP_CONFIGURATION_HANDLE, SMP_VALUE_HANDLE, uuid16 } from './attributes.js';
import { findByTypeValue, findInformation, readByGroup, readByType } from './discovery.js';

export interface GattServerOptions {
  readonly attributes: readonly Attribute[];
  /** Largest MTU that it agrees to. */
  readonly mtu: number;
  /** The client wrote to the SMP characteristic. */
  readonly written: (value: Uint8Array) => void;
  /** The client turned notifications on. */
  readonly subscribed: () => void;
}

const NOTIFICATIONS = 0x0001;

export class GattServer {
  mtu = MIN_MTU;
  private configuration = 0;

  constructor(private readonly options: GattServerOptions) {}

  get isSubscribed(): boolean {
    return (this.configuration & NOTIFICATIONS) !== 0;
  }

  /** Most of a value that one notification carries. */
  get notificationBytes(): number {
    return this.mtu - VALUE_HEADER_BYTES;
  }

  notification(value: Uint8Array): Uint8Array {
    return notification(SMP_VALUE_HANDLE, value);
  }

  /** What is answered to a PDU; nothing to commands and to what is no request. */
  answer(pdu: Uint8Array): Uint8Array | undefined {
    const [opcode] = pdu;
    if (opcode === undefined) return undefined;
    const view = new DataView(pdu.buffer, pdu.byteOffset, pdu.byteLength);
    if (opcode === ATT.writeCommand) {
      if (pdu.length >= VALUE_HEADER_BYTES && view.getUint16(1, true) === SMP_VALUE_HANDLE) {
        this.options.written(pdu.subarray(VALUE_HEADER_BYTES));
      }
      return undefined;
    }
    const isRequest = (opcode & 1) === 0 && (opcode & COMMAND_FLAG) === 0 && opcode !== ATT.confirmation;
    if (!isRequest) return undefined;
    try {
      return this.request(opcode, view, pdu);
    } catch (error) {
      if (error instanceof AttRefusal) return errorResponse(opcode, error.handle, error.code);
      throw error;
    }
  }

  private request(opcode: number, view: DataView, pdu: Uint8Array): Uint8Array {
    const { attributes } = this.options;
    switch (opcode) {
      case ATT.mtuRequest:
        return this.exchangeMtu(view);
      case ATT.findInformationRequest:
        return findInformation(attributes, view, this.mtu);
      case ATT.findByTypeValueRequest:
        return findByTypeValue(attributes, view, this.mtu);
      case ATT.readByTypeRequest:
        return readByType(attributes, view, this.mtu, this.valueOf);
      case ATT.readByGroupRequest:
        return readByGroup(attributes, view, this.mtu);
      case ATT.readRequest:
        return this.read(ATT.readResponse, view, 3);
      case ATT.readBlobRequest:
        return this.read(ATT.readBlobResponse, view, 5);
      case ATT.writeRequest:
        return this.write(view, pdu);
      default:
        throw new AttRefusal(0, ATT_ERROR.notSupported);
    }
  }

  private exchangeMtu(view: DataView): Uint8Array {
    expectLength(view, 3);
    const asked = view.getUint16(1, true);
    this.mtu = Math.max(MIN_MTU, Math.min(asked, this.options.mtu));
    return Uint8Array.of(ATT.mtuResponse, ...uuid16(this.options.mtu));
  }

  private read(response: number, view: DataView, length: number): Uint8Array {
    expectLength(view, length);
    const attribute = this.find(view.getUint16(1, true));
    const offset = length === 5 ? view.getUint16(3, true) : 0;
    const value = this.valueOf(attribute);
    if (value === undefined) throw new AttRefusal(attribute.handle, ATT_ERROR.readNotPermitted);
    if (offset > value.length) throw new AttRefusal(attribute.handle, ATT_ERROR.invalidOffset);
    return Uint8Array.of(response, ...value.subarray(offset, offset + this.mtu - 1));
  }

  private write(view: DataView, pdu: Uint8Array): Uint8Array {
    if (view.byteLength < VALUE_HEADER_BYTES) throw new AttRefusal(0, ATT_ERROR.invalidPdu);
    const { handle } = this.find(view.getUint16(1, true));
    if (handle !== SMP_CONFIGURATION_HANDLE) throw new AttRefusal(handle, ATT_ERROR.writeNotPermitted);
    if (pdu.length !== VALUE_HEADER_BYTES + 2) throw new AttRefusal(handle, ATT_ERROR.invalidLength);
    const wasSubscribed = this.isSubscribed;
    this.configuration = view.getUint16(VALUE_HEADER_BYTES, true);
    if (this.isSubscribed && !wasSubscribed) this.options.subscribed();
    return Uint8Array.of(ATT.writeResponse);
  }

  private find(handle: number): Attribute {
    const found = this.options.attributes.find((attribute) => attribute.handle === handle);
    if (found === undefined) throw new AttRefusal(handle, ATT_ERROR.invalidHandle);
    return found;
  }

  private readonly valueOf = ({ handle, value }: Attribute): Uint8Array | undefined =>
    handle === SMP_CONFIGURATION_HANDLE ? uuid16(this.configuration) : value;
}

function expectLength(view: DataView, length: number): void {
  if (view.byteLength !== length) throw new AttRefusal(0, ATT_ERROR.invalidPdu);
}
