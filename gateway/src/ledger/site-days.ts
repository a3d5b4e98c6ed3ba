/** Days where the site is: caps and limits go by its calendar, not by UTC. */

const HOUR = 3_600;
const DAY = 86_400;
/** Offsets that are remembered: asking takes as long as reading ten records. */
const MOST_HOURS = 2_048;

/** @returns the number of a moment's local day, counted from 1970-01-01; a moment is in Unix seconds */
export function siteDays(timeZone: string | undefined): (at: number) => number {
  const local = siteSeconds(timeZone);
  return (at) => Math.floor(local(at) / DAY);
}

/** @returns what the clock on the wall shows at a moment, in seconds as if it were UTC */
export function siteSeconds(timeZone: string | undefined): (at: number) => number {
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
  /** By the hour: offsets change at whole hours, or at halves of them in few places and rarely. */
  const offsets = new Map<number, number>();
  return (at) => {
    const hour = Math.floor(at / HOUR);
    let offset = offsets.get(hour);
    if (offset === undefined) {
      offset = offsetAt(format, hour * HOUR);
      if (offsets.size >= MOST_HOURS) offsets.clear();
      offsets.set(hour, offset);
    }
    return at + offset;
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
