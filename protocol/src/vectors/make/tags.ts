/** What commodity readers say, and the one number of the tag. */
import { fromHex, toHex } from '../../bytes.js';
import { encodePn532Frame, encodeRdm6300 } from '../../tag-readers/index.js';
import type { VectorCase, VectorFile } from '../format.js';
import { type About, invalid, valid, vectorFile } from './draft.js';

const EM4100 = fromHex('0a00bc614e');
const NTAG = fromHex('04a1b2c3d4e5f6');

export const tagNumbers = (): VectorFile => {
  const line = (bytes: Uint8Array): About => ({ lines: [toHex(bytes)] });
  const typed = (text: string): Uint8Array => new TextEncoder().encode(`${text}\r\n`);
  const wedge = (text: string, form: string, prefix?: string): About => ({
    lines: [`${toHex(typed(text))} # ${text}`],
    context: { kind: 'wedge', form, ...(prefix !== undefined && { prefix: fromHex(prefix) }) },
  });
  const good = (name: string, text: string, form: string, uid: Uint8Array, prefix?: string): VectorCase =>
    valid(name, typed(text), { uid }, wedge(text, form, prefix));
  const rdm = encodeRdm6300(EM4100);
  const flipped = Uint8Array.from(rdm, (byte, i) => (i === 10 ? 0x35 : byte));
  const rdm6300 = { context: { kind: 'rdm6300' } };
  const pn532 = { context: { kind: 'pn532' } };
  const target = (uid: Uint8Array): Uint8Array =>
    encodePn532Frame(Uint8Array.of(0xd5, 0x4b, 1, 1, 0x00, 0x44, 0x00, uid.length, ...uid));
  const ntag = target(NTAG);
  const phone = target(fromHex('08010203'));
  const damaged = Uint8Array.from(ntag, (byte, i) => (i === 14 ? byte ^ 1 : byte));
  return vectorFile(
    {
      structure: 'tag-number',
      section: 'Tag numbers',
      about:
        'What commodity readers say of a tag. `context.kind` is the reader; of a wedge `form` and `prefix` too.',
    },
    {},
    [
      valid('an EM4100 at an RDM6300', rdm, { uid: EM4100 }, { ...line(rdm), ...rdm6300 }),
      good('the same, ten hexadecimal digits', '0A00BC614E', 'hex', EM4100),
      good('the same, ten decimal digits', '0012345678', 'decimal', EM4100, '0a'),
      good('the same, eight decimal digits', '12345678', 'decimal', EM4100, '0a00'),
      good('the same, three digits and five', '188,24910', 'wiegand', EM4100, '0a00'),
      valid('an NFC tag at a PN532', ntag, { uid: NTAG }, { ...line(ntag), ...pn532 }),
      good('the same, typed', '04A1B2C3D4E5F6', 'hex', NTAG),
      invalid('digits that do not fit their checksum', flipped, 'tag/checksum', {
        ...line(flipped),
        ...rdm6300,
      }),
      invalid('a frame with a bit changed', damaged, 'tag/checksum', { ...line(damaged), ...pn532 }),
      invalid('a phone, which makes up a number', phone, 'tag/random', { ...line(phone), ...pn532 }),
      invalid(
        'a short number without its prefix',
        typed('0012345678'),
        'tag/incomplete',
        wedge('0012345678', 'decimal'),
      ),
      invalid('more than 32 bits', typed('4294967296'), 'tag/number', wedge('4294967296', 'decimal', '0a')),
      invalid('words', typed('hello'), 'tag/number', wedge('hello', 'hex')),
    ],
  );
};
