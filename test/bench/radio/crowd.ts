/** A crowd that comes into range all at once: how long until everything that its bands bring is durable, and what of the air that took. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, type Figure, figuresOf, percentile } from '../figure.js';
import type { AirReport } from './conversation.js';
import { type CpuSeconds, RadioSite, type RunningSite } from './radio-site.js';
import { Tally } from './tally.js';

/** That a band was switched on, and 19 punches. */
export const CROWD_RECORDS = 20;
const BANDS = 1_000;
const PATIENCE_MS = 480_000;
/** From the last acknowledgement to the last event at the subscriber. */
const DELIVERY_MS = 15_000;
const SAY_EVERY_MS = 10_000;
const LOOK_MS = 50;
const PROMISED_SECONDS = { clean: 180, lossy: 240 } as const;

export interface CrowdOptions {
  readonly bands?: number | undefined;
  /** Per cent of the packets that are lost. */
  readonly loss?: number | undefined;
  /** One of so many connections is cut in the middle. */
  readonly cut?: number | undefined;
}

interface Outcome {
  /** Seconds after the crowd came, by band. */
  readonly durableAfter: ReadonlyMap<string, number>;
  readonly seconds: number;
  readonly cpuSeconds: CpuSeconds;
  readonly before: AirReport;
  readonly after: AirReport;
}

async function watchCrowd(
  { air, radio, cpuSeconds }: RunningSite,
  bands: number,
  say: (line: string) => void,
): Promise<Outcome> {
  const durableAfter = new Map<string, number>();
  let arrivedAt = Infinity;
  air.onDurable(({ device, upto, at }) => {
    if (upto >= CROWD_RECORDS && !durableAfter.has(device))
      durableAfter.set(device, (at - arrivedAt) / 1_000);
  });
  const [before, cpuBefore] = [await air.report(), cpuSeconds()];
  ({ at: arrivedAt } = await air.arrive());
  say(`${bands} bands with ${CROWD_RECORDS} records each have come`);
  const began = performance.now();
  for (let saidAt = began; durableAfter.size < bands;) {
    await pause(LOOK_MS);
    const now = performance.now();
    if (now - began > PATIENCE_MS) break;
    if (now - saidAt < SAY_EVERY_MS) continue;
    saidAt = now;
    const { links } = await radio();
    const waited = Math.round((now - began) / 1_000);
    say(`${durableAfter.size} of ${bands} are durable after ${waited} s, ${String(links)} links`);
  }
  const cpuAfter = cpuSeconds();
  const after = await air.report();
  const isDone = durableAfter.size >= bands;
  return {
    ...{ durableAfter, before, after },
    cpuSeconds: {
      gateway: cpuAfter.gateway - cpuBefore.gateway,
      radio: cpuAfter.radio - cpuBefore.radio,
    },
    seconds: isDone ? Math.max(...durableAfter.values()) : (after.at - arrivedAt) / 1_000,
  };
}

/** Every record of the crowd, at a subscriber that verifies, and in the gateway's store. */
async function settle({ subscriber }: RunningSite, devices: readonly string[]): Promise<Tally> {
  const tally = new Tally();
  const isComplete = (): boolean => devices.every((device) => tally.of(device) >= CROWD_RECORDS);
  for (const until = performance.now() + DELIVERY_MS; performance.now() < until && !isComplete();) {
    await pause(LOOK_MS);
    tally.take(subscriber.events);
  }
  return tally;
}

export function crowd({ bands: chosen = BANDS, loss = 0, cut }: CrowdOptions = {}): Bench {
  return {
    name: 'crowd',
    about: 'bands that come into range all at once, on one radio with 8 connections, until all is durable',
    run: async ({ say, scale }) => {
      const bands = Math.max(1, Math.round(chosen * scale));
      const population = { room: 0, crowd: bands, records: CROWD_RECORDS };
      return RadioSite.use({ ...population, lossRate: loss / 100, cutEvery: cut }, say, async (site) => {
        const outcome = await watchCrowd(site, bands, say);
        const devices = Array.from({ length: bands }, (_, number) => site.stock.id(number));
        const tally = await settle(site, devices);
        const expected = bands * CROWD_RECORDS;
        const found = devices.reduce((sum, device) => sum + Math.min(tally.of(device), CROWD_RECORDS), 0);
        const stored = await site.recordsStored();
        const counters = (await site.radio())['counters'] as Readonly<Record<string, number>>;
        say(`the radio counted ${JSON.stringify(counters)}`);
        say(`the gateway complained of ${JSON.stringify(site.complaints())}`);
        const figure = figuresOf('crowd');
        const promised = loss > 0 || cut !== undefined ? PROMISED_SECONDS.lossy : PROMISED_SECONDS.clean;
        return [
          figure('seconds', outcome.seconds, 's', { atMost: promised }),
          figure('bands', bands, ''),
          figure('bands_durable', outcome.durableAfter.size / bands, '', { atLeast: 1 }),
          figure('lost', expected - found, 'records', { atMost: 0 }),
          figure('duplicates', tally.duplicates, 'events', { atMost: 0 }),
          figure('unverified', site.subscriber.bad.length, 'events', { atMost: 0 }),
          figure('stored', stored, 'records', { atLeast: expected }),
          ...sharesOf(outcome, bands),
          figure('set_up_seconds', site.setUpSeconds, 's'),
        ];
      });
    },
  };
}

/** Where the time went, and the air with it. */
function sharesOf(outcome: Outcome, bands: number): Figure[] {
  const { durableAfter, seconds, cpuSeconds, before, after } = outcome;
  const elapsedMs = after.at - before.at;
  const inLinks = after.share.links - before.share.links;
  const scanned = after.share.scanning - before.share.scanning;
  const initiated = after.share.initiating - before.share.initiating;
  const adverts = (what: keyof AirReport['adverts']): number => after.adverts[what] - before.adverts[what];
  const offered = adverts('heard') + adverts('collided') + adverts('radioBusy') + adverts('lost');
  const connections = after.connections - before.connections;
  const connectedMs = after.connectedMs - before.connectedMs;
  const percent = (seconds: number): number => (seconds * 1_000 * 100) / elapsedMs;
  const figure = figuresOf('crowd');
  return [
    figure('median_seconds', percentile([...durableAfter.values()], 0.5), 's', { atMost: seconds / 2 }),
    figure('cpu_percent', percent(cpuSeconds.gateway + cpuSeconds.radio), '%', { atMost: 20 }),
    figure('cpu_of_radio_process_percent', percent(cpuSeconds.radio), '%'),
    // Of what the radio could give at most: 1 would be connections and nothing else.
    figure('air_share', inLinks / elapsedMs, ''),
    figure('air_ms_per_band', inLinks / bands, 'ms'),
    figure('scanning_share', scanned / elapsedMs, '', { atLeast: 0.35 }),
    figure('initiating_share', initiated / elapsedMs, ''),
    figure('adverts_through', 1 - adverts('collided') / offered, ''),
    figure('adverts_radio_busy', adverts('radioBusy') / offered, ''),
    figure('connections', connections, ''),
    figure('cuts', after.cuts - before.cuts, ''),
    figure('round_trips_per_connection', (after.requests - before.requests) / connections, ''),
    figure('connections_mean', connectedMs / elapsedMs, ''),
    figure('connection_mean_ms', connectedMs / connections, 'ms'),
    figure('air_lag_p99_ms', after.lagMs, 'ms'),
  ];
}
