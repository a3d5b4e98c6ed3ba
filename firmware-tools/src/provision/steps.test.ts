import { ALG, type DeviceStanding, type FactoryReport } from '@timeband/protocol';
import { describe, expect, it } from 'vitest';
import { type Knowledge, nextStep } from './steps.js';

const report: FactoryReport = {
  ...{ state: 'blank', role: 'band', serial: 'sn-1', hardware: 'b1', firmware: '1.0.0' },
  algorithms: [ALG.EdDSA, ALG.ES256],
};
const nothing: Knowledge = { site: 'dahaiyang', ofKey: undefined, ofSerial: undefined };
const standing = (state: DeviceStanding['state']): DeviceStanding =>
  ({ state, entry: { device: 'band-1' } }) as DeviceStanding;

describe('the next step for a device', () => {
  it('is a key for one that is blank, of the kind that is asked for where it can do both', () => {
    expect(nextStep(report, nothing)).toEqual({ step: 'make key', algorithm: ALG.EdDSA });
    const wish = { ...nothing, preferP256: true };
    expect(nextStep(report, wish)).toEqual({ step: 'make key', algorithm: ALG.ES256 });
    expect(nextStep({ ...report, algorithms: [ALG.HMAC256] }, nothing)).toMatchObject({
      ...{ step: 'grant', macs: true },
    });
    expect(nextStep({ ...report, algorithms: [99] }, nothing).step).toBe('refuse');
  });

  it('is a grant for one with a key, as what it was about to become', () => {
    const keyed: FactoryReport = { ...report, state: 'keyed' };
    expect(nextStep(keyed, nothing)).toMatchObject({ step: 'grant', begun: undefined });
    const granted = standing('granted');
    expect(nextStep(keyed, { ...nothing, ofSerial: granted })).toMatchObject({ begun: granted });
    // A piece of hardware that was wiped is a new device.
    expect(nextStep(keyed, { ...nothing, ofSerial: standing('wiped') })).toMatchObject({ begun: undefined });
  });

  it('is to write down what it took, once, for one that belongs to the site', () => {
    const ours: FactoryReport = { ...report, state: 'provisioned', site: 'dahaiyang', device: 'band-1' };
    const steps = (['granted', 'issued', 'wiped'] as const).map(
      (state) => nextStep(ours, { ...nothing, ofKey: standing(state) }).step,
    );
    expect(steps).toEqual(['confirm', 'done', 'refuse']);
    expect(nextStep(ours, nothing).step).toBe('refuse');
    expect(nextStep({ ...ours, site: 'elsewhere' }, { ...nothing, ofKey: standing('issued') }).step).toBe(
      'refuse',
    );
  });
});
