/**
 * Examples of the COSE working group (repository cose-wg/Examples) for the algorithms of our profile and their
 * neighbours. All carry the payload "This is the content." and name their keys in the unprotected header, as RFC 9052
 * permits and our profile does not.
 */
import { concat, fromHex } from '@timeband/protocol';

/** What COSE allows and our profile refuses, as SPEC.md, Stricter than the standards, says it. */
export const REASONS = {
  header: '`alg` and `kid` unprotected, or left out',
  tag: 'COSE without its tag',
  empty: 'an empty protected header',
  counter: 'Encrypt0 with a full IV or any kid',
  algorithm: 'any algorithm',
} as const;

export interface CoseExample {
  /** Path in the repository, without `.json`. */
  readonly id: string;
  readonly message: Uint8Array;
  readonly external: Uint8Array;
  /** Whether the signature, MAC or ciphertext holds under RFC 9052; nothing where the algorithm is not ours. */
  readonly holds: boolean | undefined;
  readonly refused: { readonly code: string; readonly reason: keyof typeof REASONS };
}

const CONTENT = '546869732069732074686520636f6e74656e742e';
/** One bit of the last letter changed. */
const CHANGED = `${CONTENT.slice(0, -1)}f`;

interface Row {
  readonly id: string;
  readonly head?: string;
  readonly protectedBytes: string;
  readonly unprotected: string;
  readonly payload?: string;
  readonly proof: string;
  readonly external?: string;
  readonly holds: boolean | undefined;
  readonly code?: string;
  readonly reason?: keyof typeof REASONS;
}

/** A byte string with its head. */
const bytes = (hex: string): string => {
  const length = hex.length / 2;
  const short = length < 24;
  return (short ? (0x40 + length).toString(16) : `58${length.toString(16).padStart(2, '0')}`) + hex;
};

function example({
  id,
  external = '',
  holds,
  code = 'cbor/shape',
  reason = 'header',
  ...row
}: Row): CoseExample {
  const parts = [bytes(row.protectedBytes), row.unprotected, bytes(row.payload ?? CONTENT), bytes(row.proof)];
  const message = fromHex((row.head ?? 'd284') + parts.join(''));
  return { id, message, external: fromHex(external), holds, refused: { code, reason } };
}

const examples = (...rows: readonly Row[]): readonly CoseExample[] => rows.map(example);

const KID = 'a104423131'; // {4: '11'}
const CHANGE =
  '8eb33e4ca31d1c465ab05aac34cc6b23d58fef5c083106c4d25a91aef0b0117e2af9a291aa32e14ab834dc56ed2a223444547e01f11d3b0916e5a4c345cacb36';
const ECDSA =
  '6520bbaf2081d7e0ed0f95f76eb0733d667005f7467cec4b87b9381a6ba1ede8e00df29f32a37230f39a842a54821fdd223092819d7728efb9d3a0080b75380b';
const ES256 = { protectedBytes: 'a10126', unprotected: KID };

/** By the key {@link COSE_KEYS}.es256. */
export const ES256_EXAMPLES = examples(
  {
    ...{ id: 'sign1-tests/sign-pass-01', protectedBytes: 'a0', unprotected: 'a2012604423131', holds: true },
    proof:
      '87db0d2e5571843b78ac33ecb2830df7b6e0a4d5b7376de336b23c591c90c425317e56127fbe04370097ce347087b233bf722b64072beb4486bda4031d27244f',
  },
  {
    ...{ id: 'sign1-tests/sign-pass-02', ...ES256, external: '11aa22bb33cc44dd55006699', holds: true },
    proof:
      '10729cd711cb3813d8d8e944a8da7111e7b258c9bdca6135f7ae1adbee9509891267837e1e33bd36c150326ae62755c6bd8e540c3e8f92d7d225e8db72b8820b',
  },
  {
    id: 'sign1-tests/sign-pass-03',
    head: '84',
    ...ES256,
    proof: CHANGE,
    holds: true,
    code: 'cose/structure',
    reason: 'tag',
  },
  {
    id: 'sign1-tests/sign-fail-01',
    head: 'd903e684',
    ...ES256,
    proof: CHANGE,
    holds: true,
    code: 'cose/structure',
    reason: 'tag',
  },
  { id: 'sign1-tests/sign-fail-02', ...ES256, payload: CHANGED, proof: CHANGE, holds: false },
  { id: 'sign1-tests/sign-fail-03', ...ES256, protectedBytes: 'a1013903e6', proof: CHANGE, holds: false },
  {
    id: 'sign1-tests/sign-fail-04',
    ...ES256,
    protectedBytes: 'a10167756e6b6e6f776e',
    proof: CHANGE,
    holds: false,
  },
  { id: 'sign1-tests/sign-fail-06', ...ES256, protectedBytes: 'a201260300', proof: CHANGE, holds: false },
  { id: 'sign1-tests/sign-fail-07', ...ES256, proof: ECDSA, holds: false },
  { id: 'ecdsa-examples/ecdsa-sig-01', ...ES256, protectedBytes: 'a201260300', proof: ECDSA, holds: true },
);

/** By the key {@link COSE_KEYS}.ed25519, that of RFC 8032, TEST 1. */
export const ED25519_EXAMPLES = examples({
  ...{ id: 'eddsa-examples/eddsa-sig-01', protectedBytes: 'a201270300', unprotected: KID, holds: true },
  proof:
    '7142fd2ff96d56db85bee905a76ba1d0b7321a95c8c4d3607c5781932b7afb8711497dfa751bf40b58b3bcc32300b1487f3db34085eef013bf08f4a44d6fef0d',
});

const MAC = { head: 'd184', unprotected: 'a0' };
const MAC_1 = 'a1a848d3471f9d61ee49018d244c824772f223ad4f935293f1789fc3a08d8c58';
const MAC_2 = '176dce14c1e57430c13658233f41dc89aa4fa0ff9b8783f23b0ef51ca6b026bc';

/** By the key {@link COSE_KEYS}.hmac. */
export const MAC_EXAMPLES = examples(
  { ...MAC, id: 'mac0-tests/HMac-01', protectedBytes: 'a10105', proof: MAC_1, holds: true },
  {
    ...MAC,
    id: 'mac0-tests/mac-pass-01',
    protectedBytes: 'a0',
    unprotected: 'a10105',
    proof: MAC_2,
    holds: true,
  },
  {
    ...{ ...MAC, id: 'mac0-tests/mac-pass-02', protectedBytes: '', unprotected: 'a10105', holds: true },
    ...{ external: 'ff00ee11dd22cc33bb44aa559966', code: 'cbor/truncated', reason: 'empty' },
    proof: '0fecaec59bb46cc8a488aaca4b205e322dd52696b75a45768d3c302dd4bae2f7',
  },
  {
    ...{
      ...MAC,
      id: 'mac0-tests/mac-pass-03',
      head: '84',
      protectedBytes: '',
      unprotected: 'a10105',
      holds: true,
    },
    ...{ proof: MAC_2, code: 'cose/structure', reason: 'tag' },
  },
  {
    ...{ ...MAC, id: 'mac0-tests/mac-fail-01', head: 'd903e084', protectedBytes: 'a10105', proof: MAC_1 },
    ...{ holds: true, code: 'cose/structure', reason: 'tag' },
  },
  {
    ...MAC,
    id: 'mac0-tests/mac-fail-02',
    protectedBytes: 'a10105',
    proof: `${MAC_1.slice(0, -1)}9`,
    holds: false,
  },
  { ...MAC, id: 'mac0-tests/mac-fail-03', protectedBytes: 'a1013903e6', proof: MAC_1, holds: false },
  {
    ...MAC,
    id: 'mac0-tests/mac-fail-04',
    protectedBytes: 'a10167556e6b6e6f776e',
    proof: MAC_1,
    holds: false,
  },
  { ...MAC, id: 'mac0-tests/mac-fail-06', protectedBytes: 'a201050300', proof: MAC_1, holds: false },
  {
    ...{ ...MAC, id: 'mac0-tests/mac-fail-07', protectedBytes: 'a10105', holds: false },
    proof: 'bb9e11ef2bd673f766a398d4e3fad78e0f0be2806bf73fb647471e40b3d98734',
  },
  {
    ...{ ...MAC, id: 'hmac-examples/HMac-enc-05', protectedBytes: 'a10104', proof: '11f9e357975fb849' },
    ...{ holds: undefined, reason: 'algorithm' },
  },
);

/** COSE_Encrypt0 under {@link COSE_KEYS}.ccm with an IV of its own, which is the same in both. */
export const CCM_IV = fromHex('89f52f65a1c580933b5261a72f');
export const CCM_EXAMPLES: readonly (Omit<CoseExample, 'external'> & {
  readonly protectedBytes: Uint8Array;
})[] = [
  {
    ...{ id: 'aes-ccm-examples/aes-ccm-enc-01', protectedBytes: fromHex('a1010a'), holds: true },
    message: encrypt0('a1010a', '6899da0a132bd2d2b9b10915743ee1f7b92a4680e7c51bdbc1b320ea'),
    refused: { code: 'cbor/shape', reason: 'counter' },
  },
  {
    ...{ id: 'aes-ccm-examples/aes-ccm-enc-02', protectedBytes: fromHex('a101181e'), holds: undefined },
    message: encrypt0('a101181e', '6899da0a132bd2d2b9b10915743ee1f7b92a4680903f2c00d37e14d4ebdc7ef2c03cf5a9'),
    refused: { code: 'cose/algorithm', reason: 'algorithm' },
  },
];

function encrypt0(protectedBytes: string, ciphertext: string): Uint8Array {
  const iv = concat(fromHex('a105'), fromHex('4d'), CCM_IV);
  return concat(fromHex(`d083${bytes(protectedBytes)}`), iv, fromHex(bytes(ciphertext)));
}

export const PLAINTEXT = fromHex(CONTENT);

export const COSE_KEYS = {
  es256: {
    x: 'bac5b11cad8f99f9c72b05cf4b9e26d244dc189f745228255a219a86d6a09eff',
    y: '20138bf82dc1b6d562be0fa54ab7804a3a64b6d72ccfed6b6fb6ed28bbfc117e',
  },
  ed25519: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  hmac: '849b57219dae48de646d07dbb533566e976686457c1491be3a76dcea6c427188',
  ccm: '849b57219dae48de646d07dbb533566e',
} as const;
