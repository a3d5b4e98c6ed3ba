/** How the way to the city stands, in words for people. */
import type { UplinkReport } from '../uplink/index.js';

const STATES: Readonly<Record<UplinkReport['state'], string>> = {
  connecting: 'connecting to',
  connected: 'connected to',
  waiting: 'no connection to',
  refused: 'NOT LET IN by',
  blocked: 'BLOCKED, nothing is published to',
  closed: 'closed to',
};

const HOLDS: Readonly<Record<NonNullable<UplinkReport['hold']>, string>> = {
  schedule: 'held until its hours (uplink.schedule)',
  budget: 'held until midnight: the bytes of the day are used up (uplink.metered)',
  rate: 'held back by uplink.rate',
  window: 'waiting for confirmations',
  head: 'waiting for the next head of the event log',
};

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A line, and where something is wrong one that says what and one that says what to do. `now` is Unix seconds. */
export function describeUplink(report: UplinkReport, now: number): string[] {
  const { state, url, since, backlog, oldestAge, urgent, hold, problem } = report;
  const parts = [
    `city: ${STATES[state]} ${url} for ${duration(now - since)}`,
    backlog === 0
      ? 'everything is confirmed'
      : `${backlog} events wait${oldestAge === undefined ? '' : `, the oldest for ${duration(oldestAge)}`}`,
    ...(urgent > 0 ? [`${urgent} CALLS FOR HELP wait`] : []),
    ...(hold === undefined || backlog === 0 ? [] : [HOLDS[hold]]),
  ];
  const trouble =
    problem === undefined ? [] : [`  ${problem.message} (${problem.code})`, `  ${problem.remedy}`];
  return [parts.join('; '), ...trouble];
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 2 * DAY) return `${Math.floor(whole / DAY)} days`;
  if (whole >= 2 * HOUR) return `${Math.floor(whole / HOUR)} hours`;
  if (whole >= 2 * MINUTE) return `${Math.floor(whole / MINUTE)} minutes`;
  return `${whole} s`;
}
