import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { createSimulatedReader } from '../reader.js';
import { BandStock } from '../taps/bands.js';
import { Redemptions } from './redemptions.js';

const site = 'dahaiyang';

function bench() {
  const device = createSimulatedReader({ site, timers: new ManualTimers() });
  const stock = new BandStock({ seed: '1', site });
  const nonce = new Uint8Array(16);
  const shows = { what: 'redeem', service: 206, direction: 'none', nonce, challenger: device.id } as const;
  const proof = stock.band(0).prove(shows);
  const redemptions = new Redemptions(device.reader);
  const hold = (price: number) => redemptions.hold({ service: 206, price, supplier: 'account-4', proof });
  return { device, redemptions, hold };
}

describe('redemptions at a reader', () => {
  it('are ended once, by the number of their hold, or without where there is one', () => {
    const { redemptions, hold } = bench();
    expect(redemptions.capture(undefined)).toEqual({ problem: 'nothing is held here' });
    expect([hold(60), hold(45)]).toEqual([{ seq: 2 }, { seq: 3 }]);
    expect(redemptions.release(undefined, 'noShow')).toEqual({
      problem: 'say which; held are 2 (206, 60 minutes), 3 (206, 45 minutes)',
    });
    expect(redemptions.release(2, 'noShow')).toEqual({ seq: 4 });
    expect(redemptions.capture(2)).toHaveProperty('problem');
    expect(redemptions.capture(undefined)).toEqual({ seq: 5 });
    expect(redemptions.open()).toEqual([]);
  });

  it('are still known after the power was gone, without those that the gateway refused', () => {
    const { device, redemptions, hold } = bench();
    hold(60);
    hold(45);
    redemptions.shown({ seq: 3, outcome: 'refused' });
    device.reboot();
    expect(redemptions.open().map(({ seq, redeem }) => [seq, redeem.price])).toEqual([[2, 60]]);
    expect(new Redemptions(device.reader).open()).toHaveLength(2);
    expect(redemptions.capture(2)).toHaveProperty('seq');
    redemptions.shown({ seq: 5, outcome: 'refused' });
    expect(redemptions.open()).toHaveLength(1);
  });
});
