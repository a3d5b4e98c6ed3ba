/**
 * Edge cases of Ed25519 by the numbers under which Project Wycheproof has them (testvectors_v1/ed25519_test.json,
 * `tcId`), one or more of each of its flags. What is a change to a signature is made by that change.
 */
import { concat, fromHex } from '@timeband/protocol';

export interface SignatureCase {
  readonly tcId: number;
  readonly says: string;
  readonly key: string;
  readonly message: string;
  readonly signature: Uint8Array;
  readonly holds: boolean;
}

const KEY = '7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa';
const ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n;
const FIELD = 2n ** 255n - 19n;

/** Over "Test". */
const R = fromHex('7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0');
const S = fromHex('7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d');
const good = concat(R, S);
const zero = Uint8Array.of(0);

function little(value: bigint): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));
}

const plus = (amount: bigint): Uint8Array => {
  const s = S.reduceRight((value, byte) => value * 256n + BigInt(byte), 0n);
  return concat(R, little(s + amount));
};

type Row = readonly [tcId: number, says: string, signature: Uint8Array | string, holds?: boolean];

const over = (message: string, rows: readonly Row[], key = KEY): SignatureCase[] =>
  rows.map(([tcId, says, signature, holds = false]) => ({
    ...{ tcId, says, key, message, holds },
    signature: typeof signature === 'string' ? fromHex(signature) : signature,
  }));

export const ED25519: readonly SignatureCase[] = [
  ...over('54657374', [
    [3, 'a signature', good, true],
    [30, 'no signature', ''],
    [31, 's missing', R],
    [32, 'two bytes short', good.subarray(0, 62)],
    [33, 'two bytes long', concat(good, fromHex('2020'))],
    [34, 'the key behind it', concat(good, fromHex(KEY))],
    [35, 'a zero byte before it', concat(zero, good)],
    [36, 'a zero byte before s', concat(R, zero, S)],
    [37, 'a zero byte behind it', concat(good, zero)],
    [63, 's + L', plus(ORDER)],
    [64, 's + 2L', plus(2n * ORDER)],
    [65, 's + 4L', plus(4n * ORDER)],
    [68, 's + 2^254', plus(2n ** 254n)],
    [69, 's + 2^255', plus(2n ** 255n)],
    [70, 's + p', plus(FIELD)],
  ]),
  ...over('3f', [
    [10, 'R = 0, s = 0', concat(little(0n), little(0n))],
    [14, 'R = 0, s = p', concat(little(0n), little(FIELD))],
    [28, 'R = p, s = L', concat(little(FIELD), little(ORDER))],
  ]),
  ...over('546573743137', [
    [
      38,
      'a zero byte left out',
      '93de3ca252426c95f735cb9edd92e83321ac62372d5aa5b379786bae111ab6b17251330e8f9a7c30d6993137c596007d7b001409287535ac4804e662bc58a3',
    ],
  ]),
  ...over('313233343030', [
    [
      42,
      'bit 0 of R changed, s made for it',
      '647c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2b1d125e5538f38afbcc1c84e489521083041d24bc6240767029da063271a1ff0c',
    ],
    [
      60,
      'R = 0, s made for it',
      '0000000000000000000000000000000000000000000000000000000000000000e0b8e7770d51c7a36375d006c5bffd6af43ff54aaf47e4330dc118c71d61ec02',
    ],
    [
      61,
      'R that is no point',
      'ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff463a1908382e7eb7693acef9884f7cf931a215e0791876be22c631a59881fd0e',
    ],
  ]),
  ...over(
    '6a0bc2b0057cedfc0fa2e3f7f7d39279b30f454a69dfd1117c758d86b19d85e0',
    [
      [
        85,
        's just above the bound',
        '0971f86d2c9c78582524a103cb9cf949522ae528f8054dc20107d999be673ff4e25ebf2f2928766b1248bec6e91697775f8446639ede46ad4df4053000000010',
      ],
    ],
    '100fdf47fb94f1536a4f7c3fda27383fa03375a8f527c537e6f1703c47f94f86',
  ),
  ...over(
    '321b5f663c19e30ee7bbb85e48ecf44db9d3f512',
    [
      [
        119,
        'carries that overflowed elsewhere',
        'f296715e855d8aecccba782b670163dedc4458fe4eb509a856bcac450920fd2e95a3a3eb212d2d9ccaf948c39ae46a2548af125f8e2ad9b77bd18f92d59f9200',
        true,
      ],
    ],
    '4abfb535313705a6570018440cdec1a3ae33e51f352112fa6acbd0c6bc3ea859',
  ),
];
