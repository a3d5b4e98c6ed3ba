/** What a device's newest records tell of its power, its flash and its clock. */
import { decodeRecord, type DeviceStatement, TimebandError } from '@timeband/protocol';
import type { OpenDevice } from '../../target/index.js';
import { duration } from '../clock.js';
import { readNewest, statementIn } from '../log/newest.js';
import { type HealthFinding, ill, look, unknown, well } from './examination.js';

/** Records that are looked through. */
const NEWEST = 128;
/** Starts among them that are too many, where each was over within this many seconds. */
const TOO_MANY_STARTS = 3;
const SHORT_SECONDS = 600;

export interface Said {
  readonly seq: number;
  readonly boot: number;
  readonly uptime: number;
  readonly statement: DeviceStatement | undefined;
}

/** Its newest records, the oldest first: bytes that are no record are left out. @throws SmpError, LinkError, CborError */
export async function readHistory({ client, identity }: OpenDevice, head: number): Promise<readonly Said[]> {
  const newest = await readNewest(client, identity ?? { oldest: 1 }, head, NEWEST);
  return newest.flatMap(({ bytes }) => readOne(bytes));
}

function readOne(bytes: Uint8Array): Said[] {
  try {
    const { seq, boot, uptime } = decodeRecord(bytes);
    return [{ seq, boot, uptime, statement: statementIn(bytes) }];
  } catch (error) {
    if (error instanceof TimebandError) return [];
    throw error;
  }
}

/** @param advertised per cent, where an advert said so */
export function judgePower(said: readonly Said[], advertised: number | undefined): HealthFinding[] {
  const battery = advertised ?? batteryIn(said);
  const findings: HealthFinding[] = [];
  if (battery === undefined)
    findings.push(unknown('power', 'it has said nothing of a battery: on a cable that is as it should be'));
  else if (battery < 10)
    findings.push(
      ill(
        'power',
        `battery ${battery} %`,
        'Charge it today: it keeps its records, and logs nothing new when it is empty.',
      ),
    );
  else if (battery < 25) findings.push(look('power', `battery ${battery} %`, 'Charge it in the next days.'));
  else findings.push(well('power', `battery ${battery} %`));
  const lives = livesIn(said);
  const short = lives.filter((seconds) => seconds < SHORT_SECONDS).length;
  if (short >= TOO_MANY_STARTS)
    findings.push(
      ill(
        'power',
        `${short} of its last ${lives.length} starts were over within ${duration(SHORT_SECONDS)}`,
        'It loses its power or crashes: try another socket, cable or battery, then other firmware (bandctl update).',
      ),
    );
  return findings;
}

function batteryIn(said: readonly Said[]): number | undefined {
  const last = said.findLast(({ statement }) => statement?.event === 'battery')?.statement;
  return last?.event === 'battery' ? last.percent : undefined;
}

/** Seconds that each start before the present one lasted, as far as records tell. */
function livesIn(said: readonly Said[]): number[] {
  const longest = new Map<number, number>();
  for (const { boot, uptime } of said) longest.set(boot, Math.max(uptime, longest.get(boot) ?? 0));
  const present = Math.max(0, ...longest.keys());
  return [...longest].filter(([boot]) => boot !== present).map(([, seconds]) => seconds);
}

export function judgeTamper(said: readonly Said[]): HealthFinding[] {
  const last = said.findLast(({ statement }) => statement?.event === 'tamper');
  if (last?.statement?.event !== 'tamper') return [];
  const what = {
    caseOpened: 'its case was opened',
    strapCut: 'its strap was cut',
    debugPort: 'somebody was at its debug port',
    memory: 'its memory was changed',
  };
  return [
    ill(
      'firmware',
      `${what[last.statement.what]} (record ${last.seq})`,
      'If that was not you: wipe it and provision it anew (bandctl wipe, bandctl provision), and tell whoever runs the site.',
    ),
  ];
}

export function judgeFlash(
  {
    head,
    acked,
    oldest,
    full,
  }: { readonly head: number; readonly acked: number; readonly oldest: number; readonly full: boolean },
  said: readonly Said[],
): HealthFinding[] {
  const waiting = Math.max(0, head - acked);
  const advice =
    'Bring it to a gateway of its site and leave it there until everything is acknowledged: nothing is lost meanwhile.';
  if (full) return [ill('flash', `full: ${waiting} records wait, and it turns taps away`, advice)];
  const wasFull = said.findLast(({ statement }) => statement?.event === 'full');
  const kept = `${waiting} records wait for a gateway, ${Math.max(0, head - oldest + 1)} can be read`;
  if (wasFull !== undefined && wasFull.seq > acked)
    return [look('flash', `${kept}; it was full (record ${wasFull.seq})`, advice)];
  const lost = said.findLast(({ statement }) => statement?.event === 'logOpened');
  if (lost?.statement?.event === 'logOpened')
    return [
      ill(
        'flash',
        `${kept}; records from ${lost.statement.lostFrom} on of its earlier log are gone`,
        'Its flash forgot what it had signed: replace the device (bandctl replace), and keep it for whoever made it.',
      ),
    ];
  return [well('flash', kept)];
}
