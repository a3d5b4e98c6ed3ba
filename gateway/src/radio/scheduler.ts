/**
 * Whom to connect to next: a pure function of who is in range and what became of earlier visits. A connection is made on
 * the device's next advert only, so those who are about to advertise are listened for, and no longer than that. Help
 * comes first, then full flashes; nobody waits for ever behind those that are more urgent.
 */

export interface Candidate {
  /** Of its address. */
  readonly key: string;
  /** Its adverts could be verified. */
  readonly isKnown: boolean;
  readonly isHelp: boolean;
  readonly isFull: boolean;
  /** Milliseconds on the radio's clock, as all times here. */
  readonly heardAt: number;
  /** When it is expected to advertise first once it can be listened for; undefined where it was expected in vain too often. */
  readonly nextAt: number | undefined;
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

/** When a plan is made, and when listening by it can begin: the accept list has to be changed first. */
export interface Moments {
  readonly now: number;
  readonly begins: number;
}

export interface Plan {
  /** Keys of those that may connect now, the most urgent first; at most as many as the accept list holds. */
  readonly keys: readonly string[];
  /** From when until when it is worth listening for them. */
  readonly from: number;
  readonly until: number;
  /** How many wait for a connection, whether they are about to advertise or not. */
  readonly waiting: number;
}

/** What is expected within this time is worth listening for. */
const WINDOW_MS = 80;
/** Adverts come up to so much later than expected. */
const GRACE_MS = 15;
/** A call for help advertises at least this often, with what chance adds. */
const HELP_MS = 325;
/** When a device that was not heard for so long advertises is anybody's guess. */
const FRESH_MS = 30_000;
/** Unverifiable devices share so many connections. */
export const MAX_STRANGERS = 2;
/** Connections that are kept for help. */
const SPARE = 1;
/** Share of the places that urgency cannot take. */
const FAIR_SHARE = 0.25;

/** Later than anything that is foretold. */
const UNKNOWN = Number.MAX_SAFE_INTEGER;

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

/** @param candidates who has something for us, or was not visited for long */
export function choose(
  candidates: readonly Candidate[],
  { now, begins }: Moments,
  occupancy: Occupancy,
  limits: Limits,
): Plan {
  const free = limits.connections - occupancy.connections;
  const help: Candidate[] = [];
  const others: Candidate[] = [];
  const strangers: Candidate[] = [];
  for (const candidate of candidates) {
    if (now - candidate.heardAt > FRESH_MS || now < retryAt(candidate)) continue;
    (candidate.isKnown ? (candidate.isHelp ? help : others) : strangers).push(candidate);
  }
  const isOnlyForHelp = free <= SPARE;
  if (free <= 0 || (isOnlyForHelp && help.length === 0))
    return { keys: [], from: now, until: now, waiting: 0 };
  help.sort(byWaiting);
  const placesForStrangers = Math.max(0, MAX_STRANGERS - occupancy.strangers);
  strangers.sort(byWaiting).splice(placesForStrangers);
  const waiting = isOnlyForHelp ? [] : [...others, ...strangers];
  const expected = waiting.filter(({ nextAt = begins }) => nextAt <= begins + WINDOW_MS);
  const fair = Math.ceil(limits.acceptList * FAIR_SHARE);
  const soon = [...expected].sort(bySoon);
  const urgent = [...help, ...soon.filter(({ isFull }) => isFull), ...soon];
  const chosen = new Set([
    ...urgent.slice(0, limits.acceptList - fair),
    ...expected.sort(byWaiting),
    ...urgent,
  ]);
  const listed = [...chosen].slice(0, limits.acceptList);
  const from = Math.min(Infinity, ...listed.map((candidate) => listenFrom(candidate, begins)));
  const until = Math.max(now, ...listed.map((candidate) => listenUntil(candidate, begins)));
  return {
    keys: listed.map(({ key }) => key),
    from,
    until,
    waiting: help.length + waiting.length,
  };
}

function listenFrom({ isHelp, nextAt }: Candidate, begins: number): number {
  return isHelp || nextAt === undefined ? begins : nextAt - GRACE_MS;
}

function listenUntil({ isHelp, nextAt }: Candidate, begins: number): number {
  return isHelp ? begins + HELP_MS : (nextAt ?? begins + WINDOW_MS) + GRACE_MS;
}

function byWaiting(a: Candidate, b: Candidate): number {
  return a.waitingSince - b.waitingSince || (a.key < b.key ? -1 : 1);
}

function bySoon(a: Candidate, b: Candidate): number {
  return (a.nextAt ?? UNKNOWN) - (b.nextAt ?? UNKNOWN) || byWaiting(a, b);
}
