/** Moments as people write them, where the site is. */
import { ApiProblem } from './problem.js';

const DAY = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const ABSOLUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * @param text Unix seconds, a date or date and time where the site is (`2026-03-01`, `2026-03-01T14:30`), or a time with
 *   its offset (RFC 3339)
 * @param zone IANA
 * @returns Unix seconds
 * @throws ApiProblem `api/parameters`
 */
export function momentOf(text: string, zone: string): number {
  if (/^\d{1,10}$/.test(text)) return Number(text);
  const absolute = ABSOLUTE.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(absolute)) return Math.floor(absolute / 1_000);
  const [, year, month, day, hour = 0, minute = 0, second = 0] = (DAY.exec(text) ?? []).map(Number);
  if (year !== undefined && month !== undefined && day !== undefined) {
    const asUtc = Date.UTC(year, month - 1, day, hour || 0, minute || 0, second || 0) / 1_000;
    const isDate = new Date(asUtc * 1_000).getUTCDate() === day && month >= 1 && month <= 12;
    if (isDate) return asUtc - offsetAt(asUtc - offsetAt(asUtc, zone), zone);
  }
  throw new ApiProblem(
    'api/parameters',
    `"${text.slice(0, 32)}" is no moment: say 2026-03-01, 2026-03-01T14:30 or Unix seconds`,
  );
}

/** `2026-03-01 14:30` where the site is. */
export function shownMoment(at: number, zone: string): string {
  return new Date((at + offsetAt(at, zone)) * 1_000).toISOString().slice(0, 16).replace('T', ' ');
}

/** Seconds that local time is ahead of UTC. */
function offsetAt(at: number, zone: string): number {
  const format = new Intl.DateTimeFormat('sv-SE', {
    ...{ timeZone: zone, hourCycle: 'h23' },
    ...{ year: 'numeric', month: '2-digit', day: '2-digit' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  });
  const local = Date.parse(`${format.format(at * 1_000).replace(' ', 'T')}Z`) / 1_000;
  return Math.round(local - at);
}
