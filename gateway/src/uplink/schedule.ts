/** When events may go up, in the local time of the site: spans of the week, which may run past midnight. */
import type { UplinkConfig } from '../config/index.js';

type Span = UplinkConfig['schedule'][number];

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const MINUTES_OF_DAY = 24 * 60;

interface OpenSpan {
  readonly days: ReadonlySet<number>;
  /** Minutes since midnight of the day on which it begins; `to` may be on the next. */
  readonly from: number;
  readonly to: number;
}

/** A moment in the local time of the site. */
interface LocalTime {
  /** `YYYY-MM-DD` */
  readonly date: string;
  /** 0: Sunday. */
  readonly weekday: number;
  /** Since midnight. */
  readonly minute: number;
}

export class Schedule {
  private readonly spans: readonly OpenSpan[];
  private readonly format: Intl.DateTimeFormat;
  private known: { readonly minute: number; readonly time: LocalTime } | undefined;

  /** @param timeZone IANA name; that of this machine when left out */
  constructor(spans: readonly Span[], timeZone?: string) {
    this.spans = spans.map(({ days = DAYS, from, to }) => {
      const [begin, end] = [minutesOf(from), minutesOf(to)];
      return {
        days: new Set(days.map((day) => DAYS.indexOf(day))),
        from: begin,
        to: end <= begin ? end + MINUTES_OF_DAY : end,
      };
    });
    this.format = new Intl.DateTimeFormat('en-CA', {
      ...{ timeZone, year: 'numeric', month: '2-digit', day: '2-digit' },
      ...{ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    });
  }

  /** Whether events may go at this moment (Unix seconds). Without spans they always may. */
  isOpen(at: number): boolean {
    if (this.spans.length === 0) return true;
    const { weekday, minute } = this.local(at);
    const yesterday = (weekday + 6) % 7;
    return this.spans.some(
      ({ days, from, to }) =>
        (days.has(weekday) && minute >= from && minute < to) ||
        (days.has(yesterday) && minute + MINUTES_OF_DAY < to),
    );
  }

  /** The day at the site, `YYYY-MM-DD`, at this moment (Unix seconds). */
  dayOf(at: number): string {
    return this.local(at).date;
  }

  /** Asked for every event, so the answer is kept for its minute: zones differ by whole minutes. */
  private local(at: number): LocalTime {
    const minute = Math.floor(at / 60);
    if (this.known?.minute !== minute) this.known = { minute, time: this.convert(minute * 60_000) };
    return this.known.time;
  }

  private convert(ms: number): LocalTime {
    const parts = new Map(this.format.formatToParts(ms).map(({ type, value }) => [type, value]));
    const date = [parts.get('year'), parts.get('month'), parts.get('day')].join('-');
    return {
      date,
      weekday: new Date(`${date}T00:00Z`).getUTCDay(),
      minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
    };
  }
}

function minutesOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}
