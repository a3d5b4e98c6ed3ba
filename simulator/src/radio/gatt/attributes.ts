/** A band's attributes: the SMP service beside the two that every server has (Core, Vol 3, Parts C and G). */
import { concat, fromHex } from '@timeband/protocol';

/** Types of attributes, and of the values in the services that every server has. */
export const TYPE = {
  primaryService: 0x2800,
  characteristic: 0x2803,
  clientConfiguration: 0x2902,
  genericAccess: 0x1800,
  genericAttribute: 0x1801,
  deviceName: 0x2a00,
  appearance: 0x2a01,
} as const;

const PROPERTY = { read: 0x02, writeWithoutResponse: 0x04, notify: 0x10 } as const;

/** SMP over GATT (Zephyr, SMP over Bluetooth), least significant byte first as in ATT. */
export const SMP_SERVICE = reversed('8d53dc1d1db74cd3868b8a527460aa84');
export const SMP_CHARACTERISTIC = reversed('da2e7828fbce4e01ae9e261174997c48');

/** Outdoor sports wear, wrist worn: the nearest there is. */
const APPEARANCE = 0x00c0;

const LAST_HANDLE = 0xffff;

export interface Attribute {
  readonly handle: number;
  /** A UUID of two or sixteen bytes, least significant byte first. */
  readonly type: Uint8Array;
  /** Absent where it is kept elsewhere, or may not be read. */
  readonly value?: Uint8Array;
  /** The last handle of a service. */
  readonly groupEnd?: number;
}

/** Where the SMP characteristic's value and its configuration stand. */
export const SMP_VALUE_HANDLE = 9;
export const SMP_CONFIGURATION_HANDLE = 10;

export function uuid16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

export function bandAttributes(name: string): readonly Attribute[] {
  return [
    service(1, 5, uuid16(TYPE.genericAccess)),
    characteristic(2, PROPERTY.read, uuid16(TYPE.deviceName)),
    { handle: 3, type: uuid16(TYPE.deviceName), value: new TextEncoder().encode(name) },
    characteristic(4, PROPERTY.read, uuid16(TYPE.appearance)),
    { handle: 5, type: uuid16(TYPE.appearance), value: uuid16(APPEARANCE) },
    service(6, 6, uuid16(TYPE.genericAttribute)),
    service(7, LAST_HANDLE, SMP_SERVICE),
    characteristic(8, PROPERTY.writeWithoutResponse | PROPERTY.notify, SMP_CHARACTERISTIC),
    { handle: SMP_VALUE_HANDLE, type: SMP_CHARACTERISTIC },
    { handle: SMP_CONFIGURATION_HANDLE, type: uuid16(TYPE.clientConfiguration) },
  ];
}

function service(handle: number, groupEnd: number, uuid: Uint8Array): Attribute {
  return { handle, groupEnd, type: uuid16(TYPE.primaryService), value: uuid };
}

/** The declaration that stands before a characteristic's value. */
function characteristic(handle: number, properties: number, uuid: Uint8Array): Attribute {
  const value = concat(Uint8Array.of(properties), uuid16(handle + 1), uuid);
  return { handle, type: uuid16(TYPE.characteristic), value };
}

function reversed(hex: string): Uint8Array {
  return fromHex(hex).reverse();
}
