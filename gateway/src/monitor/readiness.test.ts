import { beforeAll, describe, expect, it } from 'vitest';
import type { GatewayReport } from '../ops/index.js';
import { openWatched } from './monitor.test.support.js';
import { describeReadiness, type ReadinessCheck, readinessOf } from './readiness.js';

const NOW = 1_800_000_000;
const LINK = { path: '/dev/ttyUSB0', problem: 'no such port', connected: false, session: undefined };
const UPLINK = {
  ...{ state: 'connected', since: NOW, url: 'mqtts://city', backlog: 0, oldestAge: undefined, cursor: 0 },
  ...{ inFlight: 0, urgent: 0, hold: undefined, problem: undefined },
} as const;
const RADIO = {
  ...{
    state: 'scanning',
    problem: undefined,
    code: undefined,
    pid: undefined,
    remedy: undefined,
    present: 0,
    links: 0,
    restarts: 0,
  },
  counters: {},
} as const;

/** What is wrong, and what is then said of which check. */
const NOT_READY: readonly [Partial<GatewayReport>, ReadinessCheck['name'], RegExp][] = [
  [{ clock: 'unset' }, 'clock', /unset/],
  [{ mqtt: { host: '127.0.0.1', port: 0, listeners: [] } }, 'broker', /nothing/],
  [{ storage: { state: 'low', freeBytes: 3, problem: 'no room' } }, 'disk', /no room/],
  [{ storage: { state: 'failing', freeBytes: 3, problem: 'I/O error' } }, 'disk', /I\/O error/],
  [{ certificate: { notBefore: 0, expires: NOW } }, 'certificate', /has ended/],
];
const STILL_READY: readonly [Partial<GatewayReport>, ReadinessCheck['name'], RegExp][] = [
  [{ certificate: { notBefore: 0, expires: NOW + 20 * 86_400 } }, 'renewal', /ends in 20 days/],
  [{ links: [LINK] }, 'links', /0 of 1/],
  [{ radio: { ...RADIO, state: 'down', problem: 'no controller' } }, 'radio', /no controller/],
  [{ uplink: { ...UPLINK, state: 'waiting', backlog: 4 } }, 'uplink', /4 events wait/],
];

describe('readiness', () => {
  let good: GatewayReport;
  beforeAll(async () => {
    const { gateway, close } = await openWatched();
    const report = gateway.report();
    await close();
    good = { ...report, certificate: { notBefore: 0, expires: NOW + 60 * 86_400 } };
  });
  const of = (changes: Partial<GatewayReport>) =>
    readinessOf({ report: () => ({ ...good, ...changes }) }, NOW);

  it('is one word when all is well', () => {
    expect(describeReadiness(of({}))).toBe('ready');
  });

  it.each(NOT_READY)('is not given with %j: %s says why', (changes, name, says) => {
    const readiness = of(changes);
    expect(readiness.ready).toBe(false);
    expect(readiness.checks.filter(({ good: isGood }) => !isGood)).toMatchObject([{ name, needed: true }]);
    expect(describeReadiness(readiness)).toMatch(says);
  });

  it.each(STILL_READY)('is given all the same, and said, with %j (%s)', (changes, name, says) => {
    const readiness = of(changes);
    expect(readiness.ready).toBe(true);
    expect(readiness.checks.filter(({ good: isGood }) => !isGood)).toMatchObject([{ name, needed: false }]);
    expect(describeReadiness(readiness)).toMatch(says);
  });

  it('is not given where the database cannot even be asked', () => {
    const report = (): never => {
      throw new Error('disk I/O error');
    };
    expect(describeReadiness(readinessOf({ report }, NOW))).toBe(
      'not ready; database: cannot be read: disk I/O error',
    );
  });
});
