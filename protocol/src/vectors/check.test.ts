/** Checks the published vectors from their files alone, and the checker by files that are wrong. */
import { createPublicKey, verify } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeStrict, encode, type CborValue } from '../cbor/index.js';
import { COMMAND } from '../smp/index.js';
import { checkFile } from './check.js';
import { bytesOf, parseVectorFile, VectorFormatError, type VectorFile } from './format.js';

const folder = new URL('../../vectors/', import.meta.url);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => {
    const json: unknown = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    return [name, parseVectorFile(json)] as const;
  });
const fileOf = (name: string): VectorFile => {
  const [, found] = files.find(([known]) => known === `${name}.json`) ?? [];
  if (found === undefined) throw new Error(`no file ${name}`);
  return found;
};

/** Codes that no byte string raises by itself. */
const NOT_OF_BYTES: Readonly<Record<string, string>> = {
  'forward/too-large': 'what a sender finds',
  'smp/unmatched': 'depends on the requests under way',
  'smp/timeout': 'the absence of bytes',
  'smp/busy': 'depends on the requests under way',
  'tag/answer': 'depends on what a tag reader was asked',
  'tag/frame': 'a line, which the next frame follows',
  'tag/overlong': 'a line without an end',
  'tag/silent': 'the absence of bytes',
  'link/open': 'a port',
  'link/closed': 'a port',
};

describe('the published vectors', () => {
  it.each(files)('%s: every case is as the file says', (_, file) => {
    expect(checkFile(file).problems).toEqual([]);
  });

  const refusing = files.filter(([, { structure }]) => structure !== 'advert'); // what is no hint is no error

  it.each(refusing)('%s: has valid and invalid cases', (_, file) => {
    const { valid, invalid } = checkFile(file);
    expect(Math.min(valid, invalid)).toBeGreaterThan(0);
  });

  it('have an invalid case for every error code that bytes can raise', () => {
    const source = readFileSync(new URL('../errors.ts', import.meta.url), 'utf8');
    const codes = source.match(/(?<=\| ')[a-z]+\/[a-z0-9-]+(?=')/g) ?? [];
    const shown = new Set(files.flatMap(([, file]) => file.cases.map(({ verdict }) => verdict)));
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !shown.has(code)).sort()).toEqual(Object.keys(NOT_OF_BYTES).sort());
  });

  it('show request and answer of every command', () => {
    const shown = fileOf('smp-command').cases.map(({ name }) => name);
    const wanted = Object.values(COMMAND).flatMap(({ name, op }) => [
      `${name}, ${op}: request`,
      `${name}, ${op}: answer`,
    ]);
    expect(wanted.filter((start) => !shown.some((name) => name.startsWith(start)))).toEqual([]);
  });

  it('can be checked with nothing but a CBOR decoder and Ed25519', () => {
    const { cases, keys } = fileOf('seal');
    const [first] = cases;
    const message = bytesOf(first ?? { name: '', bytes: [] });
    const [header, , payload, signature] = decodeStrict(message.subarray(1)) as Uint8Array[];
    const aad = encode(['timeband', 1, 'seal', 'dahaiyang']);
    const signed = encode(['Signature1', header, aad, payload] as CborValue[]);
    const x = Buffer.from(keys?.['reader']?.x ?? '', 'hex').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(verify(null, signed, key, signature ?? signed)).toBe(true);
  });
});

describe('the checker', () => {
  const sound: VectorFile = {
    structure: 'cbor',
    section: 'CBOR',
    about: '',
    cases: [
      {
        name: 'one',
        bytes: ['a1 # a map', '  01 02'],
        verdict: 'valid',
        decoded: { 1: 2 },
        context: { profile: 'strict' },
      },
    ],
  };
  const [one] = sound.cases as [VectorFile['cases'][number]];
  const problems = (changed: Partial<VectorFile['cases'][number]>): readonly string[] =>
    checkFile({ ...sound, cases: [{ ...one, ...changed }] }).problems;

  it('finds nothing wrong with a sound file', () => {
    expect(checkFile(sound)).toEqual({ structure: 'cbor', valid: 1, invalid: 0, problems: [] });
  });

  it.each([
    ['another verdict', { verdict: 'cbor/truncated' }, 'accepted, not cbor/truncated'],
    ['another value', { decoded: { 1: 3 } }, 'decoded to {"1":2}'],
    ['no value', { decoded: undefined }, 'decoded to {"1":2}'],
    ['bytes that are refused', { bytes: ['a1 01'] }, 'cbor/truncated, not valid'],
    ['bytes that are not hexadecimal', { bytes: ['a1 0'] }, 'not hexadecimal'],
    ['a context that lacks something', { context: {} }, 'context "profile" is not text'],
  ])('tells of %s', (_, changed, said) => {
    expect(problems(changed)).toEqual([expect.stringContaining(said)]);
  });

  it('tells of a structure that it does not know, and of a name that stands twice', () => {
    expect(checkFile({ ...sound, structure: 'other' }).problems).toHaveLength(1);
    expect(checkFile({ ...sound, cases: [one, one] }).problems).toEqual(['"one": a name twice']);
  });

  it('tells of keys whose parts do not belong together', () => {
    const { keys = {} } = fileOf('cose');
    for (const [name, key] of Object.entries(keys)) {
      const { problems: found } = checkFile({ ...sound, keys: { [name]: { ...key, thumbprint: '00' } } });
      expect(found).toHaveLength(1);
    }
    expect(Object.keys(keys)).toHaveLength(4);
  });

  it.each([
    null,
    [],
    {},
    { structure: 'cbor', section: '', about: '', cases: [{}] },
    { structure: 'cbor', section: '', about: '', cases: [], keys: { a: {} } },
  ])('refuses a file that is none: %j', (json) => {
    expect(() => parseVectorFile(json)).toThrow(VectorFormatError);
  });
});

describe('SPEC.md', () => {
  const spec = readFileSync(new URL('../../SPEC.md', import.meta.url), 'utf8');
  const examples = [...spec.matchAll(/```hex\n(.*?)```/gs)].map(([, block = '']) =>
    block.replace(/#.*$/gm, '').replace(/\s/g, ''),
  );

  it('shows bytes that are in the vectors', () => {
    const cases = files.flatMap(([, file]) => file.cases);
    const whole = cases.map((one) => Buffer.from(bytesOf(one)).toString('hex'));
    const parts = JSON.stringify(cases).match(/(?<=h')[0-9a-f]+(?=')/g) ?? [];
    const published = new Set([...whole, ...parts]);
    expect(examples.length).toBeGreaterThan(5);
    expect(examples.filter((hex) => !published.has(hex))).toEqual([]);
  });

  it('explains every error code', () => {
    const codes =
      readFileSync(new URL('../errors.ts', import.meta.url), 'utf8').match(
        /(?<=\| ')[a-z]+\/[a-z0-9-]+(?=')/g,
      ) ?? [];
    expect(codes.length).toBeGreaterThan(50);
    expect(codes.filter((code) => !spec.includes(`\`${code}\``))).toEqual([]);
  });
});
