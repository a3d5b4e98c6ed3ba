/** What `bandctl doctor` finds out: one area at a time, in plain words, with what to do. */

export type Area =
  'answers' | 'link' | 'certificate' | 'clock' | 'log' | 'flash' | 'power' | 'firmware' | 'radio';

export interface HealthFinding {
  readonly area: Area;
  /** `look`: works, and somebody should look at it. `unknown`: it could not be found out. */
  readonly verdict: 'well' | 'look' | 'ill' | 'unknown';
  readonly says: string;
  /** What to do, in plain words; absent where there is nothing to do. */
  readonly advice?: string | undefined;
}

export const well = (area: Area, says: string): HealthFinding => ({ area, verdict: 'well', says });
export const look = (area: Area, says: string, advice: string): HealthFinding => ({
  area,
  verdict: 'look',
  says,
  advice,
});
export const ill = (area: Area, says: string, advice: string): HealthFinding => ({
  area,
  verdict: 'ill',
  says,
  advice,
});
export const unknown = (area: Area, says: string, advice?: string): HealthFinding => ({
  area,
  verdict: 'unknown',
  says,
  advice,
});
