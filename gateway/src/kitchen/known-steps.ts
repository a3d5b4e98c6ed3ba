/**
 * What records say of the meals of a day, without reading all of them at every tap: those of the days that were asked for last are
 * remembered. Whose a band was is looked up each time, since enrolments may come late.
 */
import { decodeRecord, type Meal, readMeal, toHex } from '@timeband/protocol';
import { comparePlaces, type Ledger, type Place } from '../ledger/index.js';
import { placeOf } from '../matters/index.js';
import type { Course, EventSourceRow, Store } from '../store/index.js';
import type { MealStep } from './day-sheet.js';

/** A step with all that it says. */
export interface KnownStep extends MealStep {
  readonly says: Omit<Meal, 'assisted'>;
}

interface Remembered extends Omit<KnownStep, 'taker'> {
  readonly place: Place;
  readonly band: string | undefined;
}

export interface KnownStepsOptions {
  readonly store: Pick<Store, 'courses' | 'events'>;
  readonly ledger: Pick<Ledger, 'accountOf'>;
}

/** Today’s lunch, and what somebody looks at beside it. */
const MOST_DAYS = 4;

export class KnownSteps {
  private readonly days = new Map<string, Map<number, Remembered>>();

  constructor(private readonly options: KnownStepsOptions) {}

  /** In the order of their places. */
  of(course: Course): KnownStep[] {
    const name = toHex(course.id);
    const day = this.days.get(name) ?? new Map<number, Remembered>();
    this.days.delete(name);
    this.days.set(name, day); // the newest last
    const [oldest] = this.days.keys();
    if (this.days.size > MOST_DAYS && oldest !== undefined) this.days.delete(oldest);
    return this.read(course, day);
  }

  /** The same of a day that is looked at once: it is not remembered. */
  once(course: Course): KnownStep[] {
    return this.read(course, new Map());
  }

  private read(course: Course, day: Map<number, Remembered>): KnownStep[] {
    const { store, ledger } = this.options;
    for (const event of store.courses.eventsOf(course)) {
      const [row] = day.has(event) ? [] : store.events(event, event);
      if (row !== undefined) day.set(event, remembered(row));
    }
    return [...day.values()]
      .sort((a, b) => comparePlaces(a.place, b.place))
      .map(({ place, band, ...step }) => ({
        ...step,
        taker: band === undefined ? undefined : ledger.accountOf(band, place),
      }));
  }
}

function remembered(row: EventSourceRow): Remembered {
  const { assisted, ...says } = readMeal(decodeRecord(row.record).body);
  const { seq: event, time, band, device, evidence, doubted = false } = row;
  const by = assisted ?? band ?? device;
  return { event, at: time.latest, by, evidence, doubted, says, place: placeOf(row), band };
}
