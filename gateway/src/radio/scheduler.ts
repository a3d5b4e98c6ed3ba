/**
 * Whom to connect to next: a pure function of who is in range and what became of earlier visits. Help comes first, then
 * full flashes, then whoever has waited longest; nobody waits for ever behind those that are more urgent.
 */

export interface Candidate {
  /** Of its address. */
  readonly key: string;
  /** Its adverts could be verified. */
  readonly isKnown: boolean;
  readonly isHelp: boolean;
  readonly isFull: boolean;
  /** It has something for us, or was not visited for long. */
  readonly isDue: boolean;
  /** Milliseconds on the radio's clock, as all times here. */
  readonly heardAt: number;
  /** When it is expected to advertise next. */
  readonly nextAt: number;
  /** When it was last visited, or else first heard. */
  readonly waitingSince: number;
  /** Visits that failed since the last good one. */
  readonly failures: number;
  readonly failedAt: number;
}

export interface Occupancy {
  readonly connections: number;
  /** Of these, with devices that could not be verified. */
  readonly strangers: number;
}

export interface Limits {
  /** Connections that the controller holds. */
  readonly connections: number;
  /** Entries of its accept list. */
  readonly acceptList: number;
}

/** What is expected within this time is worth listening for first. */
const WINDOW_MS = 110;
/** Who was not heard for this long is not tried: it would only take a place. */
const FRESH_MS = 10_000;
/** Unverifiable devices share so many connections. */
export const MAX_STRANGERS = 2;
/** Connections that are kept for help. */
const SPARE = 1;
/** Share of the places that urgency cannot take. */
const FAIR_SHARE = 0.25;

const BACKOFF_MS = { least: 1_000, most: 60_000, mostForHelp: 4_000 } as const;

/** When a candidate that failed may be tried again. */
export function retryAt({
  failures,
  failedAt,
  isHelp,
}: Pick<Candidate, 'failures' | 'failedAt' | 'isHelp'>): number {
  if (failures === 0) return -Infinity;
  const most = isHelp ? BACKOFF_MS.mostForHelp : BACKOFF_MS.most;
  return failedAt + Math.min(most, BACKOFF_MS.least * 2 ** Math.min(failures - 1, 16));
}

/** Keys of those that may connect now, the most urgent first; at most as many as the accept list holds. */
export function choose(
  candidates: readonly Candidate[],
  now: number,
  occupancy: Occupancy,
  limits: Limits,
): readonly string[] {
  const free = limits.connections - occupancy.connections;
  if (free <= 0) return [];
  const ready = candidates.filter(
    (candidate) => candidate.isDue && now - candidate.heardAt <= FRESH_MS && now >= retryAt(candidate),
  );
  const known = ready.filter(({ isKnown }) => isKnown);
  const help = known.filter(({ isHelp }) => isHelp).sort(byWaiting);
  if (free <= SPARE) return keys(help).slice(0, limits.acceptList);
  const others = known.filter(({ isHelp }) => !isHelp).sort(byWaiting);
  const full = others.filter(({ isFull }) => isFull);
  const placesForStrangers = Math.max(0, MAX_STRANGERS - occupancy.strangers);
  const strangers = ready
    .filter(({ isKnown }) => !isKnown)
    .sort(byWaiting)
    .slice(0, placesForStrangers);
  const fair = Math.ceil(limits.acceptList * FAIR_SHARE);
  const patient = [...others, ...strangers].sort(byWaiting);
  const imminent = patient.filter(({ nextAt }) => nextAt <= now + WINDOW_MS);
  const byUrgency = new Set(keys([...help, ...full, ...imminent]).slice(0, limits.acceptList - fair));
  const chosen = new Set([...byUrgency, ...keys([...patient, ...help, ...full])]);
  return [...chosen].slice(0, limits.acceptList);
}

function byWaiting(a: Candidate, b: Candidate): number {
  return a.waitingSince - b.waitingSince || (a.key < b.key ? -1 : 1);
}

function keys(candidates: readonly Candidate[]): string[] {
  return candidates.map(({ key }) => key);
}
