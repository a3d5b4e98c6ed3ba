import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { project, type Projection } from './project.js';
import { laterSamples, samples } from './samples.js';
import { CddlValidator } from './validator.js';

const protocol = (path: string) => fileURLToPath(new URL(`../../protocol/${path}`, import.meta.url));
const cddl = readFileSync(protocol('timeband.cddl'), 'utf8');
const validator = CddlValidator.ofText(cddl);

/** Rules that no other refers to: what stands by itself on the wire. */
function roots(): readonly string[] {
  const words = cddl.replaceAll(/;.*|"[^"]*"/g, '').match(/[\w$][\w$-]*/g) ?? [];
  return [...validator.rules].filter((rule) => words.filter((word) => word === rule).length === 1);
}

/** Every item by itself, and every item that a byte string holds, with something else in its place. */
function* alterations(
  item: Projection,
  path: string,
): Generator<readonly [path: string, altered: Projection]> {
  yield [path, { other: 'float' }];
  if (typeof item !== 'object' || item === null) return;
  if (Array.isArray(item)) {
    for (const [i, element] of item.entries()) {
      for (const [where, altered] of alterations(element, `${path}[${i}]`)) {
        yield [where, item.with(i, altered)];
      }
    }
  } else if ('map' in item) {
    for (const [key, value] of Object.entries(item.map)) {
      for (const [where, altered] of alterations(value, `${path}.${key}`)) {
        yield [where, { map: { ...item.map, [key]: altered } }];
      }
    }
  } else if ('tag' in item) {
    for (const [where, content] of alterations(item.content, path)) yield [where, { ...item, content }];
  } else if ('bytes' in item && item.cbor !== undefined) {
    for (const [where, cbor] of alterations(item.cbor, `${path}<>`)) yield [where, { ...item, cbor }];
  }
}

describe('timeband.cddl', () => {
  it('describes everything that stands by itself: every rule that no other uses has a sample', () => {
    expect(roots().filter((rule) => samples[rule] === undefined)).toEqual([]);
  });

  it.each(Object.entries(samples))('describes what is written as %s', (rule, items) => {
    expect(items.map((bytes) => validator.mismatch(rule, bytes))).toEqual(items.map(() => undefined));
  });

  it.each(Object.entries(laterSamples))('leaves room in %s for what later versions write', (rule, items) => {
    expect(items.map((bytes) => validator.mismatch(rule, bytes))).toEqual(items.map(() => undefined));
  });

  it('leaves no place undescribed, but for what bytes hold that are a record or a number, and a catalogue', () => {
    const free = Object.entries(samples).flatMap(([rule, items]) =>
      items.flatMap((bytes) =>
        [...alterations(project(bytes), rule)]
          .filter(([, altered]) => validator.mismatchOf(rule, altered) === undefined)
          .map(([path]) => path),
      ),
    );
    // What a free place holds is free as well.
    const outermost = free.filter((path) => !free.some((other) => path !== other && path.startsWith(other)));
    expect([...new Set(outermost)].sort()).toEqual([
      'encrypt0[1].6<>',
      'event-message[0]<>.11<>',
      'event.11<>',
      'policy[2]<>.5.1',
      'portable-receipt[2]<>.11<>',
      'protected-body.0<>[1].6<>',
    ]);
  });
});

interface VectorCase {
  readonly name: string;
  readonly bytes: readonly string[];
  readonly verdict: string;
  readonly cddl?: string;
  readonly cddlVerdict?: string;
}

const described = readdirSync(protocol('vectors'))
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => {
    const { cases } = JSON.parse(readFileSync(protocol(`vectors/${name}`), 'utf8')) as {
      cases: VectorCase[];
    };
    return cases.map((one) => ({ ...one, file: name }));
  });

const mismatchOf = ({ cddl = '', bytes }: VectorCase) => {
  const hex = bytes.map((line) => line.replace(/#.*/, '').replaceAll(' ', '')).join('');
  return validator.mismatch(cddl, Uint8Array.from(Buffer.from(hex, 'hex')));
};

describe('the published vectors', () => {
  it.each(described.filter(({ cddl, verdict }) => cddl !== undefined && verdict === 'valid'))(
    '$file: "$name" is what timeband.cddl calls $cddl',
    (one) => {
      expect(mismatchOf(one)).toBeUndefined();
    },
  );

  it.each(described.filter(({ cddlVerdict }) => cddlVerdict === 'invalid'))(
    '$file: "$name" is not what timeband.cddl calls $cddl',
    (one) => {
      expect(mismatchOf(one)).toBeDefined();
    },
  );
});
