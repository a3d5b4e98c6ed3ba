/** What options and typed commands may say, read with errors that tell what was expected. */
import { InvalidArgumentError } from 'commander';
import { fromHex, isId } from '@timeband/protocol';
import { BREAK_NAMES, type BreakName, BREAKS, isBreakName } from '../breaks/index.js';
import { FAULT_NAMES, type FaultChoice, parseFault } from '../faults/index.js';
import { listFaults } from './attended.js';
import type { BandMix, BandRange } from '../taps/bands.js';
import type { PastActivity } from '../taps/past-activity.js';

/** With the check that finds each. */
function listBreaks(): never {
  return listFaults(
    Object.fromEntries(
      Object.entries(BREAKS).map(([name, { description, check }]) => [
        name,
        { description: `${description} (${check})` },
      ]),
    ),
  );
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Bands a range may span: a city's worth is no simulation of one reader. */
const MAX_BANDS = 100_000;

/** `20s`, `5m`, `1h` or `500ms`, in milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new InvalidArgumentError('A duration is a number with a unit, for example 20s, 5m or 500ms.');
  }
  return Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

/** A whole number from 0. */
export function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('A whole number is expected, for example 40.');
  return Number(text);
}

/** A number from 0, with or without decimals. */
export function parseRate(text: string): number {
  if (!/^\d{1,6}(\.\d+)?$/.test(text))
    throw new InvalidArgumentError('A number is expected, for example 30.');
  return Number(text);
}

/** `40` for the bands 0 to 39, `14-27` for those. */
export function parseBands(text: string): BandRange {
  const [, first, last] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(text) ?? [];
  if (first === undefined)
    throw new InvalidArgumentError('Bands are a count or a range, for example 40 or 14-27.');
  const range =
    last === undefined ? { from: 0, to: Number(first) - 1 } : { from: Number(first), to: Number(last) };
  if (range.to < range.from - 1) throw new InvalidArgumentError('The range ends before it begins.');
  if (range.to - range.from >= MAX_BANDS) throw new InvalidArgumentError(`At most ${MAX_BANDS} bands.`);
  return range;
}

/** `2:1:1` for two tags with a UID, one with a MAC and one band with a key, in turn. */
export function parseMix(text: string): BandMix {
  const [, uid, sun, key] = (/^(\d{1,3}):(\d{1,3}):(\d{1,3})$/.exec(text) ?? []).map(Number);
  if (uid === undefined || sun === undefined || key === undefined || uid + sun + key === 0) {
    throw new InvalidArgumentError('A mix is three counts, for example 2:1:1.');
  }
  return { uid, sun, key };
}

/** Bytes of an SMP buffer: less than 128 could not carry one record. */
export function parseBuffer(text: string): number {
  const bytes = parseCount(text);
  if (bytes < 128 || bytes > 4_096) throw new InvalidArgumentError('A buffer has 128 to 4096 bytes.');
  return bytes;
}

/** `509:resident-14:60` for an activity of that service and organiser, open for 60 minutes. */
export function parseActivity(text: string): PastActivity {
  const [service = '', organiser = '', minutes = '60', ...more] = text.split(':');
  const isWhole = /^[1-9]\d{0,5}$/.test(service) && /^[1-9]\d{0,3}$/.test(minutes) && more.length === 0;
  if (!isWhole || !isId(organiser))
    throw new InvalidArgumentError(
      'An activity is SERVICE:ORGANISER:MINUTES, for example 509:resident-14:60.',
    );
  return { service: Number(service), organiser, minutes: Number(minutes) };
}

export function parseIdOption(text: string): string {
  if (!isId(text)) throw new InvalidArgumentError('An id has lower-case letters, digits and single hyphens.');
  return text;
}

/** For an option that is given several times. */
export function collectFaults(text: string, before: readonly FaultChoice[]): readonly FaultChoice[] {
  const fault = parseFault(text);
  if (fault === undefined) {
    throw new InvalidArgumentError(`Not a fault, or not NAME:COUNT. There are: ${FAULT_NAMES.join(', ')}.`);
  }
  return [...before, fault];
}

/** The same for what a device gets wrong; `list` prints what there is, and ends. */
export function collectBreaks(text: string, before: readonly BreakName[]): readonly BreakName[] {
  if (text === 'list') listBreaks();
  if (!isBreakName(text))
    throw new InvalidArgumentError(`There is no such break. There are: ${BREAK_NAMES.join(', ')}.`);
  return [...before, text];
}

/** A tag's UID in hex, 4 to 10 bytes; undefined for anything else. */
export function parseUid(text: string): Uint8Array | undefined {
  return /^([0-9a-f]{2}){4,10}$/i.test(text) ? fromHex(text) : undefined;
}

/** Records a flash holds: with fewer there is little room beside the reserve. */
export function parseSlots(text: string): number {
  const slots = parseCount(text);
  if (slots < 48 || slots > 1_000_000) throw new InvalidArgumentError('A flash has 48 to 1000000 slots.');
  return slots;
}
