/** Items that the two profiles of CBOR take, and what each refuses. */
import { fromHex } from '../../bytes.js';
import { encode } from '../../cbor/index.js';
import type { ErrorCode } from '../../errors.js';
import type { VectorCase, VectorFile } from '../format.js';
import { invalid, valid, vectorFile } from './draft.js';

const strict = { context: { profile: 'strict' } };
const lenient = { context: { profile: 'lenient' } };

const refused = (profile: typeof strict, name: string, hex: string, code: ErrorCode): VectorCase =>
  invalid(`${profile.context.profile}: ${name}`, fromHex(hex), code, profile);

/** A map of `count` small keys, each with the value 0. */
const mapOf = (count: number): Uint8Array =>
  encode(new Map(Array.from({ length: count }, (_, key) => [key, 0] as const)));

export const cbor = (): VectorFile =>
  vectorFile(
    {
      structure: 'cbor',
      section: 'CBOR',
      about:
        'What a receiver takes for CBOR. The context names the profile: strict for what is hashed or signed, lenient for SMP.',
    },
    {},
    [
      valid(
        'strict: a map with keys in ascending order',
        fromHex('a301f502f620617a'),
        { 1: true, 2: null, [-1]: 'z' },
        strict,
      ),
      valid(
        'strict: the widest integers',
        fromHex('821affffffff3affffffff'),
        [0xffff_ffff, -0x1_0000_0000],
        strict,
      ),
      valid('strict: text beyond ASCII', fromHex('69e697b6e997b4e5b8a6'), '时间带', strict),
      valid(
        'strict: twelve levels',
        fromHex(`${'81'.repeat(12)}00`),
        JSON.parse(`${'['.repeat(12)}0${']'.repeat(12)}`),
        strict,
      ),
      refused(strict, 'no bytes at all', '', 'cbor/truncated'),
      refused(strict, 'an array that lacks an element', '8201', 'cbor/truncated'),
      refused(strict, 'a string of four gigabytes', '5affffffff', 'cbor/truncated'),
      refused(strict, 'a second item', '0000', 'cbor/trailing-bytes'),
      refused(strict, 'thirteen levels', `${'81'.repeat(13)}00`, 'cbor/too-deep'),
      invalid('strict: a map of 257 entries', mapOf(257), 'cbor/too-many-items', strict),
      invalid('strict: 65,537 bytes', encode(new Uint8Array(65_534)), 'cbor/too-large', {
        ...strict,
        lines: [`59 fffe # 65534 bytes`, ...Array.from({ length: 65_534 / 62 }, () => '00'.repeat(62))],
      }),
      refused(strict, 'a reserved head', '1c', 'cbor/reserved'),
      refused(strict, 'an array of indefinite length', '9f00ff', 'cbor/indefinite'),
      refused(strict, '23 in two bytes', '1817', 'cbor/not-shortest'),
      refused(strict, 'an integer of 33 bits', '1b0000000100000000', 'cbor/integer-range'),
      refused(strict, 'a float', 'f93c00', 'cbor/float'),
      refused(strict, 'undefined', 'f7', 'cbor/simple'),
      refused(strict, 'a tag', 'c100', 'cbor/tag'),
      refused(strict, 'a key that is bytes', 'a1400 0'.replace(' ', ''), 'cbor/key-type'),
      refused(strict, 'keys that descend', 'a202000100', 'cbor/key-order'),
      refused(strict, 'the same key twice', 'a201000100', 'cbor/key-duplicate'),
      refused(strict, 'a byte that UTF-8 never uses', '61ff', 'cbor/utf8'),
      refused(strict, 'text that begins with a byte order mark', '63efbbbf', 'cbor/utf8'),
      valid(
        'lenient: a map of indefinite length with keys in any order',
        fromHex('bf020062726300ff'),
        { 2: 0, rc: 0 },
        lenient,
      ),
      valid(
        'lenient: an integer of 53 bits',
        fromHex('1b001fffffffffffff'),
        Number.MAX_SAFE_INTEGER,
        lenient,
      ),
      valid('lenient: a float', fromHex('f93e00'), 1.5, lenient),
      refused(lenient, 'an integer of 54 bits', '1b0020000000000000', 'cbor/integer-range'),
      refused(lenient, 'a duplicate key', 'a3010002000100', 'cbor/key-duplicate'),
      refused(lenient, 'a duplicate hidden by a longer head', 'a20100180100', 'cbor/not-shortest'),
      refused(lenient, 'a string in chunks', '7f6161ff', 'cbor/indefinite'),
      invalid('lenient: a map of 65 entries', mapOf(65), 'cbor/too-many-items', lenient),
    ],
  );
