import { describe, expect, it } from 'vitest';
import type { UplinkReport } from '../uplink/index.js';
import { describeUplink } from './describe-uplink.js';

const NOW = 1_800_000_000;
const report: UplinkReport = {
  ...{ state: 'connected', since: NOW - 90, url: 'mqtts://broker.example', backlog: 0, oldestAge: undefined },
  ...{ cursor: 12, inFlight: 0, urgent: 0, hold: undefined, problem: undefined },
};

describe('what status says of the way to the city', () => {
  it('is one line where all is well', () => {
    expect(describeUplink(report, NOW)).toEqual([
      'city: connected to mqtts://broker.example for 90 s; everything is confirmed',
    ]);
  });

  it('names what waits, for how long, and why', () => {
    const waiting: UplinkReport = {
      ...report,
      backlog: 7,
      oldestAge: 3 * 86_400,
      urgent: 1,
      hold: 'schedule',
    };
    expect(describeUplink(waiting, NOW)).toEqual([
      'city: connected to mqtts://broker.example for 90 s; 7 events wait, the oldest for 3 days; ' +
        '1 CALLS FOR HELP wait; held until its hours (uplink.schedule)',
    ]);
  });

  it('says what is wrong and what to do', () => {
    const refused: UplinkReport = {
      ...{ ...report, state: 'refused', backlog: 1 },
      problem: { code: 'uplink/login', message: 'Not authorized', remedy: 'Check uplink.user.' },
    };
    expect(describeUplink(refused, NOW).slice(1)).toEqual([
      '  Not authorized (uplink/login)',
      '  Check uplink.user.',
    ]);
  });
});
