/**
 * How readers write the number of a tag, from what their makers say of them and not from how the gateway reads it: the
 * two would agree on the same mistake.
 */

export const WEDGE_FORMS = ['hex', 'decimal', 'decimal8', 'wiegand'] as const;
export type WedgeForm = (typeof WEDGE_FORMS)[number];

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

/** STX, ten digits, the exclusive or of the five bytes, ETX. @throws RangeError for what is no EM4100 */
export function rdm6300Frame(uid: Uint8Array): Uint8Array {
  needsEm4100(uid);
  let checksum = 0;
  for (const byte of uid) checksum ^= byte;
  return Buffer.from(`\x02${hexOf(uid)}${hexOf(Uint8Array.of(checksum))}\x03`, 'latin1');
}

/** @throws RangeError for a tag that has no number in that form */
export function wedgeLine(uid: Uint8Array, form: WedgeForm): Uint8Array {
  return Buffer.from(`${wedgeText(uid, form)}\r\n`, 'latin1');
}

function wedgeText(uid: Uint8Array, form: WedgeForm): string {
  if (form === 'hex') return hexOf(uid);
  needsEm4100(uid);
  const view = new DataView(uid.buffer, uid.byteOffset, uid.length);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  if (form === 'decimal') return pad(view.getUint32(1), 10);
  if (form === 'decimal8') return pad(view.getUint32(1) & 0xff_ffff, 8);
  return `${pad(view.getUint8(2), 3)},${pad(view.getUint16(3), 5)}`;
}

function needsEm4100(uid: Uint8Array): void {
  if (uid.length !== 5) throw new RangeError('this reader sees EM4100 tags alone: 10 hexadecimal digits');
}
