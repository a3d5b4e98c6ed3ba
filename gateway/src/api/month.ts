/** Months where the site is. */
import { momentOf } from './moment.js';
import { ApiProblem } from './problem.js';

/** `2026-03`. @param at Unix seconds */
export function shownMonth(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit' });
  return format.format(at * 1_000).slice(0, 7);
}

/** From and to, Unix seconds. @throws ApiProblem */
export function spanOfMonth(month: string, zone: string): [number, number] {
  const [year = 0, number = 0] = month.split('-').map(Number);
  if (number < 1 || number > 12) throw new ApiProblem('api/parameters', `"${month}" is no month`);
  const next = number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, '0')}`;
  return [momentOf(`${month}-01`, zone), momentOf(`${next}-01`, zone)];
}
