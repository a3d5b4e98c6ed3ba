/** Days where the site is: caps and limits go by its calendar, not by UTC. */

const HOUR = 3_600;
const DAY = 86_400;

/** @returns the number of a moment's local day, counted from 1970-01-01; a moment is in Unix seconds */
export function siteDays(timeZone: string | undefined): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    ...{ timeZone, hourCycle: 'h23' },
    ...{
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    },
  });
  /** The newest hour looked at: offsets change at whole hours, or at halves of them in few places and rarely. */
  let known = { hour: NaN, offset: 0 };
  return (at) => {
    const hour = Math.floor(at / HOUR);
    if (known.hour !== hour) known = { hour, offset: offsetAt(format, hour * HOUR) };
    return Math.floor((at + known.offset) / DAY);
  };
}

/** Seconds that local time is ahead of UTC. */
function offsetAt(format: Intl.DateTimeFormat, at: number): number {
  const parts = format.formatToParts(at * 1_000);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((found) => found.type === type)?.value);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local / 1_000 - at;
}
