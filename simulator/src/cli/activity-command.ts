/** What is typed at a simulated reader about activities: `activity open 509 --organiser account-3 --capacity 20`. */
import { isId } from '@timeband/protocol';
import type { Activities, ActivityResult, NewActivity, NotNow } from '../firmware/activities/index.js';

export const ACTIVITY_HELP = `activity plan SERVICE --organiser ACCOUNT [--capacity N] [--in MIN] [--minutes MIN]
activity open SERVICE [--organiser ACCOUNT] [--capacity N] [--minutes MIN]
                              people check in at it with "tap BAND in SERVICE"; without --organiser as planned
activity close [SERVICE]      its roster is made and logged; activity cancel [SERVICE]: nobody is credited`;

const USAGE =
  'activity plan|open|close|cancel [SERVICE], for example: activity open 509 --organiser account-3 --capacity 20';
const USUAL = { capacity: '30', minutes: '60' } as const;
const MOST = { service: 0xffff_ffff, capacity: 0xffff, minutes: 1_440, in: 100_000 } as const;

const NOT_NOW: Readonly<Record<NotNow, string>> = {
  clock: 'the clock is not set, or stands before the activity began: a gateway sets it',
  open: 'one is open for this service: close it first',
  many: 'as many as this reader keeps are open: close one first',
  none: 'there is none that this could be said of: open one, with --organiser, or name its SERVICE',
  full: 'the flash is full of records that are waiting for a gateway',
};

/** Does what the words after `activity` say. Returns what there is to say where nothing was logged. */
export function performActivity(
  words: readonly string[],
  activities: Activities,
  now: number,
): string | undefined {
  const result = perform(words, activities, now);
  if (result === undefined) return USAGE;
  return 'refused' in result ? NOT_NOW[result.refused] : undefined;
}

function perform(
  [verb = '', ...words]: readonly string[],
  activities: Activities,
  now: number,
): ActivityResult | undefined {
  const [first, ...rest] = words;
  const service = first === undefined ? undefined : numberIn(first, 1, MOST.service);
  if (first !== undefined && service === undefined) return undefined;
  if (verb === 'close' || verb === 'cancel') return rest.length > 0 ? undefined : activities[verb](service);
  if (service === undefined || (verb !== 'open' && verb !== 'plan')) return undefined;
  if (verb === 'open' && rest.length === 0) return activities.begin({ service });
  const wanted = readWanted(service, rest, now);
  if (wanted === undefined) return undefined;
  return verb === 'open' ? activities.begin(wanted) : activities.plan(wanted);
}

function readWanted(service: number, words: readonly string[], now: number): NewActivity | undefined {
  const given = new Map<string, string>();
  for (let i = 0; i < words.length; i += 2) given.set(words[i] ?? '', words[i + 1] ?? '');
  const known = ['--organiser', '--capacity', '--minutes', '--in'];
  if ([...given.keys()].some((name) => !known.includes(name))) return undefined;
  const organiser = given.get('--organiser') ?? '';
  const capacity = numberIn(given.get('--capacity') ?? USUAL.capacity, 1, MOST.capacity);
  const plannedMinutes = numberIn(given.get('--minutes') ?? USUAL.minutes, 1, MOST.minutes);
  const waits = numberIn(given.get('--in') ?? '0', 0, MOST.in);
  if (!isId(organiser) || capacity === undefined || plannedMinutes === undefined || waits === undefined)
    return undefined;
  return { service, organiser, capacity, plannedMinutes, plannedStart: now + waits * 60 };
}

function numberIn(text: string, least: number, most: number): number | undefined {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  return number >= least && number <= most ? number : undefined;
}
