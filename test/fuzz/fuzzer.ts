/**
 * Changes vectors and looks what decoders make of them. What brings out an answer that was not seen before joins
 * the pool that is changed further, so that inputs wander deeper into the decoders.
 */
import { toHex } from '@timeband/protocol';
import { type Random, seededRandom } from '@timeband/simulator';
import { DECODERS } from './decoders.js';
import { judge, type Problem, SECOND_FORM, type Verdict } from './judge.js';
import { mutateBytes } from './mutate-bytes.js';
import { mutateCbor } from './mutate-cbor.js';
import type { Seed } from './seeds.js';

export interface Finding {
  readonly problem: Problem;
  readonly detail: string;
  /** The decoder: a structure of the vectors, or a name in {@link DECODERS}. */
  readonly decoder: string;
  /** The vector whose receiver's knowledge is used. */
  readonly vector: string;
  readonly bytes: Uint8Array;
}

interface Entry {
  readonly seed: Seed;
  readonly bytes: Uint8Array;
  /** Whether it has a new signature or signed parts of other vectors, which make its acceptance no surprise. */
  readonly mixed: boolean;
}

/** What a signature is over has to be in one form: a second that is accepted is a hole. */
const AUTHENTICATED = new Set([
  ...['cose', 'certificate', 'issuer-certificate', 'policy', 'seal', 'ack', 'clock', 'event', 'tree-head'],
  ...['answer', 'portable-receipt', 'consistency-receipt', 'encrypt0'],
]);
const MAX_POOL = 20_000;
const MAX_CHANGES = 4;

export class Fuzzer {
  inputs = 0;
  accepted = 0;
  private readonly random: Random;
  private readonly pool: Entry[];
  private readonly known: ReadonlySet<string>;
  private readonly reasons = new Set<string>();
  private readonly found = new Set<string>();

  constructor(seeds: readonly Seed[], seed: string) {
    this.random = seededRandom(seed);
    this.pool = seeds.map((one) => ({ seed: one, bytes: one.bytes, mixed: false }));
    this.known = new Set(seeds.map(({ bytes }) => toHex(bytes)));
    for (const entry of this.pool) this.isNew(entry.seed.structure, verdictOf(entry));
  }

  /** Different answers seen so far, and inputs that are changed further. */
  get reach(): { readonly answers: number; readonly pool: number } {
    return { answers: this.reasons.size, pool: this.pool.length };
  }

  /** One changed input through its own decoder and through all others. @returns problems not reported before */
  step(): readonly Finding[] {
    const entry = this.changed(this.pick());
    this.inputs++;
    const own = verdictOf(entry);
    if (own.kind === 'accepted') this.accepted++;
    const isNew = this.isNew(entry.seed.structure, own);
    if (isNew && this.pool.length < MAX_POOL) this.pool.push(entry);
    return [
      ...this.report(entry, entry.seed.structure, this.secondForm(entry, own)),
      ...Object.entries(DECODERS).flatMap(([name, decode]) =>
        this.report(
          entry,
          name,
          judge(() => decode(entry.bytes)),
        ),
      ),
    ];
  }

  private pick(): Entry {
    const entry = this.pool[this.random.below(this.pool.length)];
    if (entry === undefined) throw new Error('nothing to begin with');
    return entry;
  }

  private changed({ seed, bytes, mixed }: Entry): Entry {
    if (seed.sealed !== undefined && this.random.below(2) === 0) {
      const { payload, seal } = seed.sealed;
      return { seed, bytes: seal(this.mutated(payload, true)), mixed: true };
    }
    const mix = this.random.below(2) === 0;
    return { seed, bytes: this.mutated(bytes, mix), mixed: mixed || mix };
  }

  /** Some changes in a row, with parts of other inputs if `mix` is set. */
  private mutated(bytes: Uint8Array, mix: boolean): Uint8Array {
    let out = bytes;
    for (let i = this.random.below(MAX_CHANGES); i >= 0; i--) {
      const mutate = this.random.below(3) === 0 ? mutateBytes : mutateCbor;
      out = mutate(out, this.random, mix ? this.pick().bytes : bytes);
    }
    return out;
  }

  private secondForm({ seed, bytes, mixed }: Entry, verdict: Verdict): Verdict {
    const allowed = mixed || verdict.kind !== 'accepted' || !AUTHENTICATED.has(seed.structure);
    return allowed || this.known.has(toHex(bytes)) ? verdict : SECOND_FORM;
  }

  private isNew(structure: string, verdict: Verdict): boolean {
    const answer = `${structure} ${verdict.kind === 'refused' ? verdict.reason : verdict.kind}`;
    if (this.reasons.has(answer)) return false;
    this.reasons.add(answer);
    return true;
  }

  /** A problem once for each place in the code. */
  private report({ seed, bytes }: Entry, decoder: string, verdict: Verdict): readonly Finding[] {
    if (verdict.kind !== 'problem') return [];
    const { problem, detail } = verdict;
    const place = `${problem} ${decoder} ${detail.split('\n').slice(0, 2).join(' ').replace(/\d+/g, '#')}`;
    if (this.found.has(place)) return [];
    this.found.add(place);
    return [{ problem, detail, decoder, vector: seed.name, bytes }];
  }
}

/** What the decoder of the entry's structure makes of it. */
function verdictOf({ seed, bytes }: Entry): Verdict {
  return judge(() => seed.verify(bytes));
}
