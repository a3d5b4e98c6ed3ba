/** Dates as people write them. */
import { z } from 'zod';
import { ApiProblem } from './problem.js';

const DAY_MS = 86_400_000;

export const dateText = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d$/, 'a date is 2026-03-01')
  .meta({ description: 'Where the site is: `2026-03-01`.' });
export const monthText = z
  .string()
  .regex(/^\d{4}-\d\d$/, 'a month is 2026-03')
  .meta({ description: 'Where the site is: `2026-03`; this month when left out.' });

/** @returns days since 1970-01-01 @throws ApiProblem for no date that there is */
export function daysOf(text: string): number {
  const ms = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(ms) || ms < 0 || new Date(ms).toISOString().slice(0, 10) !== text)
    throw new ApiProblem('api/parameters', `"${text.slice(0, 32)}" is no date: say 2026-03-01`);
  return ms / DAY_MS;
}

/** `2026-03-01`. @param days since 1970-01-01 */
export function shownDate(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}
