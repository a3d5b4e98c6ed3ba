import { describe, expect, it } from 'vitest';
import { CddlValidator } from './validator.js';

/** A file with everything that timeband.cddl uses of CDDL. */
const validator = CddlValidator.ofText(`
map = {
  1: uint,                              ; a comment
  ? 2: text-of-two,
  -3: bool,
  * uint => any
}
closed = { 1: any, "name": nil }
text-of-two = two / nil
two = tstr .size (2..3)
pattern = short .regexp "[a-z]+(-[a-z]+)*"
short = tstr .size (0..5)
range = -2..3
choice = 1 / "one" / -7
four = bytes .size 4
wrapped = bytes .cbor closed
head = ( 5: uint, 6: uint )
tail = ( 5: nil )
either = ( head // tail )
grouped = { either, 9: any }
tagged = #6.18(pair)
pair = [ first: uint, closed-head, last: nil ]
closed-head = ( bool, tstr )
listed = [ 1*2 uint ]
any-number = [ * choice ]
ending = [ uint, ? tstr ]
$open /= range
$open /= four
`);

const verdict = (rule: string, hex: string) =>
  validator.mismatch(rule, Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))) === undefined;

describe('the check against CDDL', () => {
  it.each([
    ['map', 'a2 01 05 22 f5'],
    ['map', 'a4 01 05 02 62 6869 18 63 80 22 f4'],
    ['closed', 'a2 01 80 64 6e616d65 f6'],
    ['text-of-two', '63 e282ac'],
    ['text-of-two', 'f6'],
    ['pattern', '63 612d62'],
    ['range', '21'],
    ['range', '03'],
    ['choice', '01'],
    ['choice', '63 6f6e65'],
    ['choice', '26'],
    ['four', '44 01020304'],
    ['wrapped', '49 a2 01 80 64 6e616d65 f6'],
    ['grouped', 'a3 05 01 06 02 09 00'],
    ['grouped', 'a2 05 f6 09 00'],
    ['tagged', 'd2 84 01 f5 61 61 f6'],
    ['listed', '82 01 02'],
    ['any-number', '80'],
    ['any-number', '83 01 01 26'],
    ['ending', '81 01'],
    ['ending', '82 01 60'],
    ['open', '20'],
    ['open', '44 01020304'],
  ])('matches %s with %s', (rule, hex) => {
    expect(verdict(rule === 'open' ? '$open' : rule, hex)).toBe(true);
  });

  it.each([
    ['a needed key is missing', 'map', 'a1 01 05'],
    ['a key that is known passes for an extension', 'map', 'a3 01 05 02 01 22 f5'],
    ['a value is of another type', 'map', 'a2 01 20 22 f5'],
    ['a further key is of another type', 'map', 'a3 01 05 22 f5 61 61 00'],
    ['a closed map has a further key', 'closed', 'a3 01 80 02 80 64 6e616d65 f6'],
    ['a text is too long in bytes', 'text-of-two', '64 f09f9880'],
    ['a text matches and is too long', 'pattern', '66 616263646566'],
    ['a text does not match as a whole', 'pattern', '63 612d2d'],
    ['a number is out of range', 'range', '04'],
    ['a number is no integer', 'range', 'f9 3e00'],
    ['a choice is not listed', 'choice', '02'],
    ['bytes have another length', 'four', '43 010203'],
    ['bytes stand where text is wanted', 'pattern', '43 612d62'],
    ['bytes hold no item', 'wrapped', '41 a2'],
    ['bytes hold another item', 'wrapped', '41 80'],
    ['two alternatives are mixed', 'grouped', 'a3 05 f6 06 02 09 00'],
    ['the tag is missing', 'tagged', '84 01 f5 61 61 f6'],
    ['the tag is another', 'tagged', 'd1 84 01 f5 61 61 f6'],
    ['an array is too short', 'tagged', 'd2 83 01 f5 61 61'],
    ['an array is too long', 'listed', '83 01 02 03'],
    ['an array is empty', 'listed', '80'],
    ['an optional element is of another type', 'ending', '82 01 01'],
    ['the encoding is not deterministic', 'range', '18 01'],
    ['bytes follow', 'range', '01 01'],
    ['there are no bytes', 'range', ''],
  ])('refuses when %s', (_, rule, hex) => {
    expect(verdict(rule, hex)).toBe(false);
  });

  it('says why', () => {
    expect(validator.mismatch('range', Uint8Array.of(4))).toBe('range must be <= 3');
  });

  it('does not take what it would translate wrongly', () => {
    expect(() => CddlValidator.ofText('a = [ ? uint, tstr ]\n')).toThrow('optional element');
    expect(() => CddlValidator.ofText('a = uint .lt 5\n')).toThrow('.lt');
    expect(() => CddlValidator.ofText('a = { * bool => any }\n')).toThrow('bool');
    expect(() => CddlValidator.ofText('a = float\n')).toThrow('float');
    expect(() => CddlValidator.ofText('a = bytes .and b\n')).toThrow('.and');
    expect(() => CddlValidator.ofText('a = uint\na = tstr\n')).toThrow('twice');
    expect(() => CddlValidator.ofText('a = b\n').mismatch('a', Uint8Array.of(0))).toThrow('b');
    expect(() => CddlValidator.ofText('a = uint\n').mismatch('c', Uint8Array.of(0))).toThrow('no rule c');
  });
});
