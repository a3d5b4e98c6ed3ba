/** From the button of a band to whoever can help, in a quiet room and in the middle of a crowd; and from a record to its safety. */
import { setTimeout as pause } from 'node:timers/promises';
import { gatewayTopics, type HelpHeard } from '@timeband/protocol';
import { GATEWAY, SITE } from '../../support/centre.js';
import { type Bench, type Figure, figuresOf, percentile } from '../figure.js';
import { Arrivals } from './arrivals.js';
import { machineNow } from './conversation.js';
import { CROWD_RECORDS } from './crowd.js';
import { RadioSite, type RunningSite } from './radio-site.js';

const ROOM = 20;
const ROUNDS = 30;
const CROWD = 1_000;
const CROWD_ROUNDS = 10;
/** What has not happened by then counts as having taken so long. */
const PATIENCE_MS = 60_000;
/** After the event nobody waits for a hint for long. */
const HINT_PATIENCE_MS = 500;
/** Between two calls: people, not a metronome. */
const GAP_MS = { least: 700, most: 2_700 } as const;
const CROWD_GAP_MS = { least: 3_000, most: 6_000 } as const;

export interface HelpOptions {
  readonly rounds?: number | undefined;
  /** Bands of the crowd. */
  readonly bands?: number | undefined;
}

/** Milliseconds from the press to the verified event, and to the hint, which may have been missed. */
interface Heard {
  readonly event: number;
  readonly hint: number | undefined;
}

class HelpBench {
  private readonly arrivals: Arrivals;
  private readonly hinted = new Map<string, (at: number) => void>();

  private constructor(
    private readonly site: RunningSite,
    private readonly say: (line: string) => void,
  ) {
    this.arrivals = new Arrivals(site.subscriber);
  }

  static async open(site: RunningSite, say: (line: string) => void): Promise<HelpBench> {
    const bench = new HelpBench(site, say);
    await site.listen(gatewayTopics(SITE, GATEWAY).help, (payload) => {
      const { device } = JSON.parse(payload.toString('utf8')) as HelpHeard;
      bench.hinted.get(device)?.(machineNow());
    });
    return bench;
  }

  /** Every band of the room was visited once, and has nothing to tell. */
  async quiet(): Promise<void> {
    const { stock } = this.site;
    const first = Array.from({ length: ROOM }, (_, band) => this.arrivals.of(stock.id(band), 1));
    if ((await inTime(Promise.all(first))) === undefined) throw new Error('the room did not become quiet');
  }

  /** One after another calls for help. */
  async calls(rounds: number, gapMs: typeof GAP_MS | typeof CROWD_GAP_MS, who: () => number) {
    const heard: Heard[] = [];
    for (let round = 1; round <= rounds; round++) {
      await pause(between(gapMs));
      const one = await this.call(who());
      heard.push(one);
      const hint = one.hint === undefined ? 'no hint' : `a hint after ${one.hint.toFixed()} ms`;
      this.say(`call ${round} of ${rounds}: ${hint}, proven after ${one.event.toFixed()} ms`);
    }
    return heard;
  }

  /** One after another logs a record: how long that takes from the first advert after it to the acknowledgement. */
  async records(rounds: number): Promise<number[]> {
    this.say(`${rounds} single records`);
    const took: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await pause(between(GAP_MS));
      const { device, seq } = await this.site.air.punch(round % ROOM);
      took.push((await inTime(this.site.air.durable(device, seq)))?.afterAdvertMs ?? PATIENCE_MS);
    }
    return took;
  }

  private async call(band: number): Promise<Heard> {
    const { air, stock } = this.site;
    const hint = new Promise<number>((resolve) => this.hinted.set(stock.id(band), resolve));
    const { device, seq, at } = await air.help(band);
    const [provenAt = at + PATIENCE_MS] = await Promise.all([
      inTime(this.arrivals.of(device, seq)),
      inTime(air.durable(device, seq)), // or it would still be calling when its turn comes again
    ]);
    const hintedAt = await inTime(hint, HINT_PATIENCE_MS);
    return { event: provenAt - at, hint: hintedAt === undefined ? undefined : hintedAt - at };
  }
}

function between({ least, most }: { readonly least: number; readonly most: number }): number {
  return least + Math.random() * (most - least);
}

/** Undefined where it takes too long. */
function inTime<Result>(promise: Promise<Result>, ms = PATIENCE_MS): Promise<Result | undefined> {
  return Promise.race([promise, pause(ms, undefined, { ref: false })]);
}

export function helpButton({ rounds: chosen = ROUNDS, bands = CROWD }: HelpOptions = {}): Bench {
  return {
    name: 'help-button',
    about: 'a call for help to the verified event, in a room and in the crowd; one record to its safety',
    run: async ({ say, scale }) => {
      const rounds = Math.max(3, Math.round(chosen * scale));
      const crowd = Math.round(bands * scale);
      const population = { room: ROOM, crowd, records: CROWD_RECORDS, lossRate: 0, cutEvery: undefined };
      return RadioSite.use(population, say, async (site) => {
        const bench = await HelpBench.open(site, say);
        await bench.quiet();
        let turn = 0;
        const clean = await bench.calls(rounds, GAP_MS, () => turn++ % ROOM);
        const single = await bench.records(rounds);
        const crowded: Heard[] = [];
        if (crowd > 0) {
          await site.air.arrive();
          say(`${crowd} bands with ${CROWD_RECORDS} records each have come`);
          // Whoever of the crowd it is, relieved of its records already or not.
          const anybody = (): number => ROOM + Math.floor(Math.random() * crowd);
          crowded.push(...(await bench.calls(CROWD_ROUNDS, CROWD_GAP_MS, anybody)));
        }
        const { lagMs } = await site.air.report();
        return [
          ...figuresOfCalls('', clean, 2_000),
          figure('single_p50_ms', percentile(single, 0.5), 'ms', { atMost: 1_000 }),
          figure('single_p99_ms', percentile(single, 0.99), 'ms'),
          ...(crowd > 0 ? figuresOfCalls('crowd_', crowded, 5_000) : []),
          figure('air_lag_p99_ms', lagMs, 'ms'),
        ];
      });
    },
  };
}

const figure = figuresOf('help-button');
const HINT_MS = 500;

function figuresOfCalls(prefix: '' | 'crowd_', calls: readonly Heard[], promisedMs: number): Figure[] {
  const events = calls.map(({ event }) => event);
  const hints = calls.flatMap(({ hint }) => hint ?? []);
  return [
    figure(`${prefix}p50_ms`, percentile(events, 0.5), 'ms'),
    figure(`${prefix}p99_ms`, percentile(events, 0.99), 'ms', { atMost: promisedMs }),
    figure(`${prefix}hint_p50_ms`, percentile(hints, 0.5), 'ms'),
    figure(`${prefix}hint_p99_ms`, percentile(hints, 0.99), 'ms', { atMost: HINT_MS }),
    figure(`${prefix}hinted`, hints.length / calls.length, '', { atLeast: 1 }),
    figure(`${prefix}calls`, calls.length, ''),
  ];
}
