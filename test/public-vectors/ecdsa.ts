/**
 * Edge cases of ECDSA on P-256 with SHA-256, signatures as r ‖ s, by the numbers under which Project Wycheproof has them
 * (testvectors_v1/ecdsa_secp256r1_sha256_p1363_test.json, `tcId`), one or more of each of its flags.
 */
import { concat, fromHex } from '@timeband/protocol';

export interface SignatureCase {
  readonly tcId: number;
  readonly says: string;
  /** Coordinates x and y. */
  readonly key: readonly [string, string];
  readonly message: string;
  readonly signature: Uint8Array;
  readonly holds: boolean;
}

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
/** An r beyond the order, which no signature has. */
const LARGE_R = 'ffffffff00000001000000000000000000000000fffffffffffffffffffffffc';
const LAST_S = ORDER - 3n;

/** Big-endian, 32 bytes or as many more as it takes. */
function big(value: bigint, bytes = 32): Uint8Array {
  return fromHex(value.toString(16).padStart(2 * bytes, '0'));
}

const KEY = [
  '2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838',
  'c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e',
] as const;

/** Over "123400". */
const R = 0x2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18n;
const S = 0xb329f479a2bbd0a5c384ee1493b1f5186a87139cac5df4087c134b49156847dbn;
const pair = (r: bigint, s: bigint, bytes = 32): Uint8Array => concat(big(r, bytes), big(s, bytes));

type Row = readonly [tcId: number, says: string, signature: Uint8Array | string, holds?: boolean];
type Key = SignatureCase['key'];

const over = (message: string, key: Key, rows: readonly Row[]): SignatureCase[] =>
  rows.map(([tcId, says, signature, holds = false]) => ({
    ...{ tcId, says, key, message, holds },
    signature: typeof signature === 'string' ? fromHex(signature) : signature,
  }));

const INVERSE_KEY: Key = [
  '61722eaba731c697c7a9ba4d0afdbb5713d8aa12b0eab601bb33dbaf792c5adc',
  '272cd993b2b663aba5b3a26c101182ff178684945e83879e71598b95fe647dfc',
];
const DOUBLE_X = '5b812fd521aafa69835a849cce6fbdeb6983b442d2444fe70e134c027fc46963';
const DOUBLED =
  '6f2347cab7dd76858fe0555ac3bc99048c4aacafdfb6bcbe05ea6c42c4934569bb726660235793aa9957a61e76e00c2c435109cf9a15dd624d53f4301047856b';

export const ECDSA_P256: readonly SignatureCase[] = [
  ...over('313233343030', KEY, [
    [1, 'the lower of the two values of s', pair(R, ORDER - S), true],
    [2, 'r + n', pair(R + ORDER, S, 33)],
    [4, 'n − r', pair(ORDER - R, S)],
    [5, 'r + 2^256', pair(R + 2n ** 256n, S, 33)],
    [7, 's + n in the place of r', pair(S + ORDER, S, 33)],
    [11, 'r = 0, s = 0', pair(0n, 0n)],
    [12, 'r = 0, s = 1', pair(0n, 1n)],
    [20, 'r = 1, s = n', pair(1n, ORDER)],
  ]),
  ...over('3639383139', KEY, [
    [
      60,
      'Shamir’s trick at its edge',
      '64a1aab5000d0e804f3e2fc02bdee9be8ff312334e2ba16d11547c97711c898e6af015971cc30be6d1a206d4e013e0997772a2f91d73286ffd683b9bb2cf4f1b',
      true,
    ],
  ]),
  ...over('343236343739373234', KEY, [
    [
      61,
      'a hash of a special form',
      '16aea964a2f6506d6f78c81c91fc7e8bded7d397738448de1e19a0ec580bf266252cd762130c6667cfe8b7bc47d27d78391e8e80c578d1cd38c3ff033be928e9',
      true,
    ],
  ]),
  ...over(
    '313233343030',
    [
      '0ad99500288d466940031d72a9f5445a4d43784640855bf0a69874d2de5fe103',
      'c5011e6ef2c42dcd50d5d3d29f99ae6eba2c80c9244f4c5422f0979ff0c3ba5e',
    ],
    [
      [115, 'k·G with a large x', concat(big(0x4319055358e8617b0c46353d039cdaabn), big(LAST_S)), true],
      [116, 'r too large', concat(fromHex(LARGE_R), big(LAST_S))],
    ],
  ),
  ...over(
    '313233343030',
    [
      'a71af64de5126a4a4e02b7922d66ce9415ce88a4c9d25514d91082c8725ac957',
      '5d47723c8fbe580bb369fec9c2665d8e30a435b9932645482e7c9f11e872296b',
    ],
    [
      [120, 'small r and s', pair(5n, 1n), true],
      [121, 'the same in one byte each', '0501'],
    ],
  ),
  ...over('313233343030', INVERSE_KEY, [
    [
      154,
      'an inverse at its edge',
      '555555550000000055555555555555553ef7a8e48d07df81a693439654210c7002f676969f451a8ccafa4c4f09791810e6d632dbd60b1d5540f3284fbe1889b0',
      true,
    ],
  ]),
  ...over(
    '313233343030',
    [
      'b533d4695dd5b8c5e07757e55e6e516f7e2c88fa0239e23f60e8ec07dd70f287',
      '1b134ee58cc583278456863f33c3a85d881f7d4a39850143e29d4eaf009afe47',
    ],
    [
      [
        169,
        'the point at infinity on the way',
        '7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8555555550000000055555555555555553ef7a8e48d07df81a693439654210c70',
      ],
    ],
  ),
  ...over(
    '313233343030',
    [DOUBLE_X, '838a40f2a36092e9004e92d8d940cf5638550ce672ce8b8d4e15eba5499249e9'],
    [[204, 'a point that doubles on the way', DOUBLED, true]],
  ),
  ...over(
    '313233343030',
    [DOUBLE_X, '7c75bf0c5c9f6d17ffb16d2726bf30a9c7aaf31a8d317472b1ea145ab66db616'],
    [[205, 'the same under the opposite key', DOUBLED]],
  ),
  ...over(
    '313233343030',
    [
      '6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296',
      '4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
    ],
    [
      [
        221,
        'the generator as the key',
        'bb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023249249246db6db6ddb6db6db6db6db6dad4591868595a8ee6bf5f864ff7be0c2',
      ],
    ],
  ),
  ...over(
    '4d657373616765',
    [
      '4f337ccfd67726a805e4f1600ae2849df3807eca117380239fbd816900000000',
      'ed9dea124cc8c396416411e988c30f427eb504af43a3146cd5df7ea60666d685',
    ],
    [
      [
        229,
        'a key whose x ends in zeros',
        'd434e262a49eab7781e353a3565e482550dd0fd5defa013c7f29745eff3569f19b0c0a93f267fb6052fd8077be769c2b98953195d7bc10de844218305c6ba17a',
        true,
      ],
    ],
  ),
  ...over(
    '68656c6c6f2c20776f726c64',
    [
      '264d796a0dab9b376d34eea6fe297dde1c7b73e53944bc96c8f1e8a6850bb6c9',
      'cf5308020eed460c649ddae61d4ef8bb79958113f106befaf4f18876d12a5e64',
    ],
    [[253, 'r = 5, x = 5', pair(5n, LAST_S), true]],
  ),
  ...over(
    '68656c6c6f2c20776f726c64',
    [
      'c981c75ddfd3910387eb147098fe5658c43aaaa34c681cd6d514b6ad5b6baa6d',
      '14fbddb53a6e6db18e90602bc60f2e736d625765f7f2cca4be76f4eeccf12c18',
    ],
    [[258, 'r = 4, x = n + 3', pair(4n, LAST_S)]],
  ),
];
