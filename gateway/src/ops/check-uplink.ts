/** Looks at the way to the city: files, then each broker from its name to what it grants. */
import { X509Certificate } from 'node:crypto';
import { type Certificate, systemTimers } from '@timeband/protocol';
import type { UplinkConfig } from '../config/index.js';
import { daysUntilEnd } from '../tls/index.js';
import { probeCity, readUplinkCredentials, UplinkFailure, type UplinkReport } from '../uplink/index.js';
import type { CheckLine } from './check-line.js';

const RENEW_DAYS = 21;

export interface UplinkCheck {
  readonly dataDir: string;
  readonly certificate: Certificate;
  /** What a gateway says that runs now: it is not tried again, since a broker lets one client of a name in. */
  readonly running: UplinkReport | undefined;
  /** Unix seconds. */
  readonly now: number;
}

/** Never throws for what it looks at: a problem is a line. */
export async function checkUplink(config: UplinkConfig, check: UplinkCheck): Promise<CheckLine[]> {
  const lines = fileLines(config, check);
  if (lines.some(({ verdict }) => verdict === 'bad')) return lines;
  if (check.running !== undefined) return [...lines, runningLine(check.running)];
  for (const url of [config.url].flat()) lines.push(await brokerLine(url, config, check));
  return lines;
}

function fileLines(config: UplinkConfig, { dataDir, now }: UplinkCheck): CheckLine[] {
  const what = 'certificate for the city';
  try {
    const { cert } = readUplinkCredentials(config, dataDir);
    if (cert === undefined) return [];
    const days = daysUntilEnd(new X509Certificate(cert), now);
    if (days < 0) return [{ what, verdict: 'bad', says: `${config.cert ?? ''} ended ${-days} days ago` }];
    if (days >= RENEW_DAYS)
      return [{ what, verdict: 'good', says: `${config.cert ?? ''}: ${days} more days` }];
    return [{ what, verdict: 'warning', says: `${config.cert ?? ''} ends in ${days} days: ask the city` }];
  } catch (error) {
    if (error instanceof UplinkFailure) return [{ what: 'files for the city', ...verdictOf(error) }];
    // OpenSSL on what is no certificate.
    return [{ what, verdict: 'bad', says: `${config.cert ?? ''}: ${(error as Error).message}` }];
  }
}

async function brokerLine(
  url: string,
  config: UplinkConfig,
  { dataDir, certificate }: UplinkCheck,
): Promise<CheckLine> {
  const what = `city at ${url}`;
  try {
    const ms = await probeCity({ url, config, dataDir, certificate, timers: systemTimers });
    const how = /^(mqtts|wss):/.test(url) ? 'reachable, TLS is good' : 'reachable, WITHOUT TLS';
    const says = `${how}, logs ${certificate.subject} in, grants its topics (${Math.round(ms)} ms)`;
    return { what, verdict: 'good', says };
  } catch (error) {
    if (!(error instanceof UplinkFailure)) throw error;
    return { what, ...verdictOf(error) };
  }
}

/** A city that is away for a while keeps nobody from starting. */
function verdictOf({ state, message, remedy }: UplinkFailure): Pick<CheckLine, 'verdict' | 'says'> {
  return { verdict: state === 'waiting' ? 'warning' : 'bad', says: `${message}. ${remedy}` };
}

function runningLine({ url, state, backlog, problem }: UplinkReport): CheckLine {
  const what = `city at ${url}`;
  if (problem === undefined) {
    return { what, verdict: 'good', says: `the gateway that is running is ${state}, ${backlog} events wait` };
  }
  const verdict = state === 'refused' || state === 'blocked' ? 'bad' : 'warning';
  return { what, verdict, says: `${problem.message}. ${problem.remedy}` };
}
