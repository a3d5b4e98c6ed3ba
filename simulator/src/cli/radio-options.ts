/** What the options of `bandsim radio` may say, and what goes with what. */
import { InvalidArgumentError } from 'commander';
import { parseRadioFault } from '../room/console.js';
import type { RadioFaultChoice, WornBands } from '../room/session.js';
import type { BandRange } from '../taps/bands.js';
import { readIssuerKey } from './band-options.js';
import { CommandFailure, EXIT } from './exit-codes.js';
import { parseDuration, parseRate } from './options.js';

/** A crystal's worth and far beyond: a clock that is a tenth off is no clock. */
const MAX_DRIFT_PPM = 100_000;

/** Options that only those who wear bands of a site can follow. */
export interface LifeOptions {
  readonly site?: string;
  readonly issuerKey?: string;
  readonly rate: number;
  readonly visits: number;
  readonly helpCalls: number;
  readonly history: number;
  readonly walk?: true;
  readonly drift: number;
}

/**
 * The wristbands that the options ask for; nothing for bands that only echo.
 * @throws CommandFailure where an option has no site to go with, or the issuer key cannot be read
 */
export function wornBands(options: LifeOptions): WornBands | undefined {
  const { site, issuerKey, rate: presses, visits, helpCalls, history, walk, drift: driftPpm } = options;
  if (site === undefined || issuerKey === undefined) {
    const isAsked =
      walk === true || [presses, visits, helpCalls, history, driftPpm].some((value) => value > 0);
    if (site === undefined && issuerKey === undefined && !isAsked) return undefined;
    throw new CommandFailure(
      EXIT.usage,
      'only wristbands of a site do anything: give both --site and --issuer-key, or none of --rate, --visits, --help-calls, --history, --walk and --drift.',
    );
  }
  return {
    ...{ site, issuerKey: readIssuerKey(issuerKey), history, driftPpm, comeAndGo: walk === true },
    rates: { presses, visits, helpCalls },
  };
}

/** @throws CommandFailure for a fault of a band that is not there */
export function refuseFaultsElsewhere(faults: readonly RadioFaultChoice[], { from, to }: BandRange): void {
  const elsewhere = faults.find(({ band }) => band !== undefined && (band < from || band > to));
  if (elsewhere === undefined) return;
  throw new CommandFailure(
    EXIT.usage,
    `there is no band ${String(elsewhere.band)} to misbehave: the bands are ${from} to ${to}.`,
  );
}

export function collectRadioFaults(
  text: string,
  before: readonly RadioFaultChoice[],
): readonly RadioFaultChoice[] {
  const fault = parseRadioFault(text);
  if (fault === undefined) {
    throw new InvalidArgumentError(
      'Not a fault, or not NAME:BAND. bandsim radio --list-faults prints the names; bands count from 0.',
    );
  }
  return [...before, fault];
}

/** What the Bluetooth specification allows. */
export function parseInterval(text: string): number {
  const ms = parseDuration(text);
  if (ms < 20 || ms > 10_240) throw new InvalidArgumentError('Adverts are 20 ms to 10.24 s apart.');
  return ms;
}

export function parsePercent(text: string): number {
  const percent = parseRate(text);
  if (percent > 100) throw new InvalidArgumentError('At most 100 percent are lost.');
  return percent;
}

export function parseDrift(text: string): number {
  const ppm = parseRate(text);
  if (ppm > MAX_DRIFT_PPM) throw new InvalidArgumentError(`At most ${MAX_DRIFT_PPM} millionths.`);
  return ppm;
}
