/** Inputs that show a problem, as files from which it can be shown again. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex, sha256, toHex } from '@timeband/protocol';
import { DECODERS } from './decoders.js';
import type { Finding } from './fuzzer.js';
import { judge, SECOND_FORM, type Verdict } from './judge.js';
import type { Seed } from './seeds.js';

/** @returns the file's path */
export function saveFinding(folder: string, finding: Finding): string {
  mkdirSync(folder, { recursive: true });
  const name = `${finding.problem.replace(' ', '-')}-${toHex(sha256(finding.bytes).subarray(0, 6))}.json`;
  const path = join(folder, name);
  writeFileSync(path, `${JSON.stringify({ ...finding, bytes: toHex(finding.bytes) }, null, 2)}\n`);
  return path;
}

/** What the decoder of a saved finding makes of its bytes now. */
export function reproduce(path: string, seeds: readonly Seed[]): Verdict {
  const saved = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Partial<Record<string, string>>>;
  const { problem, decoder = '', vector = '', bytes = '' } = saved;
  const input = fromHex(bytes);
  const decode = DECODERS[decoder] ?? seeds.find(({ name }) => name === vector)?.verify;
  if (decode === undefined)
    throw new Error(`${path}: neither a decoder "${decoder}" nor a vector "${vector}" is known`);
  const verdict = judge(() => decode(input));
  return problem === SECOND_FORM.problem && verdict.kind === 'accepted' ? SECOND_FORM : verdict;
}
