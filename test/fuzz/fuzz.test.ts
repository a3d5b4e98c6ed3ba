import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CborError } from '@timeband/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { NotCanonicalError } from './decoders.js';
import { reproduce, saveFinding } from './findings.js';
import { type Finding, Fuzzer } from './fuzzer.js';
import { judge, TIME_LIMIT_MS } from './judge.js';
import { loadSeeds, type Seed } from './seeds.js';

const seeds = loadSeeds();

function run(from: readonly Seed[], steps: number, seed = 'test'): { fuzzer: Fuzzer; findings: Finding[] } {
  const fuzzer = new Fuzzer(from, seed);
  const findings: Finding[] = [];
  for (let i = 0; i < steps; i++) findings.push(...fuzzer.step());
  return { fuzzer, findings };
}

/** A vector whose decoder does as it is told. */
function seedFor(verify: Seed['verify'], structure = 'seal'): Seed {
  return { structure, name: 'made up', bytes: Uint8Array.of(0x82, 1, 2), verify };
}

function busy(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

describe('changed vectors', () => {
  it('bring no decoder to anything but a refusal with a code', () => {
    const { fuzzer, findings } = run(seeds, 1_500);
    expect(findings).toEqual([]);
    expect(fuzzer.reach.answers).toBeGreaterThan(300);
  });

  it('are the same again for the same seed', () => {
    const counts = [1, 2].map(() => {
      const { fuzzer } = run(seeds, 200);
      return [fuzzer.accepted, fuzzer.reach];
    });
    expect(counts[0]).toEqual(counts[1]);
  });

  it('get past the signature: what is signed again verifies', () => {
    const sealed = seeds.filter(({ sealed }) => sealed !== undefined);
    expect(new Set(sealed.map(({ structure }) => structure)).size).toBeGreaterThan(5);
    for (const seed of sealed) {
      const { payload, seal } = seed.sealed ?? {};
      expect(judge(() => seed.verify(seal?.(payload ?? seed.bytes) ?? seed.bytes)).kind).toBe('accepted');
    }
  });
});

describe('the fuzzer finds', () => {
  it('an unexpected exception, once for each place', () => {
    const broken = (): never => {
      throw new TypeError('broken');
    };
    const { findings } = run([seedFor(broken)], 50);
    expect(findings.map(({ problem, decoder }) => [problem, decoder])).toEqual([['exception', 'seal']]);
  });

  it('a signed structure that is accepted in a second form', () => {
    const { findings } = run([seedFor(() => 'accepted')], 50);
    expect(findings.map(({ problem }) => problem)).toEqual(['second form']);
  });

  it('nothing in a structure that is refused with a code', () => {
    const refuse = (): never => {
      throw new CborError('cbor/shape', 'no');
    };
    expect(run([seedFor(refuse)], 50).findings).toEqual([]);
  });
});

describe('a verdict', () => {
  it('is that a call is slow only when it is slow every time', () => {
    let calls = 0;
    const once = judge(() => {
      if (calls++ === 0) busy(TIME_LIMIT_MS + 10);
    });
    expect(once.kind).toBe('accepted');
    const always = judge(() => {
      busy(TIME_LIMIT_MS + 10);
    });
    expect(always).toMatchObject({ kind: 'problem', problem: 'slow' });
  });

  it('tells what is not canonical from other exceptions', () => {
    const thrown = (error: Error): unknown =>
      judge(() => {
        throw error;
      });
    expect(thrown(new NotCanonicalError())).toMatchObject({ problem: 'not canonical' });
    expect(thrown(new RangeError())).toMatchObject({ problem: 'exception' });
  });
});

describe('a finding', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-'));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('of a second form shows again as long as it is accepted', () => {
    const lax = seedFor(() => undefined);
    const [finding] = run([lax], 50).findings;
    if (finding === undefined) throw new Error('nothing was found');
    const path = saveFinding(folder, finding);
    expect(reproduce(path, [lax])).toMatchObject({ kind: 'problem', problem: 'second form' });
  });

  it('is kept in a file that shows it again', () => {
    const broken = seedFor((bytes) => {
      if (bytes.length > 2) throw new TypeError('broken');
    }, 'record');
    const [finding] = run([broken], 50).findings;
    if (finding === undefined) throw new Error('nothing was found');
    const path = saveFinding(folder, finding);
    expect(reproduce(path, [broken])).toMatchObject({ kind: 'problem', problem: 'exception' });
    expect(reproduce(path, [seedFor(() => undefined, 'record')])).toEqual({ kind: 'accepted' });
  });
});
