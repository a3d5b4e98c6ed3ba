import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '@timeband/protocol';
import { bandAttributes } from './attributes.js';
import { GattServer } from './server.js';

const SERVICE = '84aa6074528a8b86d34cb71d1ddc538d';
const CHARACTERISTIC = '487c997411269eae014ecefb28782eda';

function server(mtu = 247) {
  const written: string[] = [];
  const gatt = new GattServer({
    attributes: bandAttributes('band-1'),
    mtu,
    written: (value) => written.push(toHex(value)),
    subscribed: () => written.push('subscribed'),
  });
  const ask = (hex: string): string | undefined => {
    const answer = gatt.answer(fromHex(hex));
    return answer && toHex(answer);
  };
  return { gatt, ask, written };
}

describe("a band's GATT server", () => {
  it('lists its services, those of one length together', () => {
    const { ask } = server();
    expect(ask('100100ffff0028')).toBe('1106' + '010005000018' + '060006000118');
    expect(ask('100700ffff0028')).toBe('1114' + '0700ffff' + SERVICE);
    expect(ask('100800ffff0028')).toBe('011008000a');
  });

  it('finds the SMP service by its UUID', () => {
    const { ask } = server();
    expect(ask('060100ffff0028' + SERVICE)).toBe('07' + '0700ffff');
    expect(ask('060100ffff00280d18')).toBe('010601000a');
  });

  it('lists the SMP characteristic, writable without response and notifying, and its configuration', () => {
    const { ask } = server();
    expect(ask('080700ffff0328')).toBe('0915' + '0800' + '14' + '0900' + CHARACTERISTIC);
    expect(ask('040a00ffff')).toBe('05010a000229');
  });

  it('agrees to the smaller MTU and cuts its answers to it', () => {
    const { gatt, ask } = server(100);
    expect(ask('020002')).toBe('036400');
    expect(gatt.mtu).toBe(100);
    expect(server(247).ask('021700')).toBe('03f700');
    const small = server(23);
    expect(small.ask('02f700')).toBe('031700');
    expect(small.gatt.notificationBytes).toBe(20);
  });

  it('reads values, also in parts', () => {
    const { ask } = server();
    expect(ask('0a0300')).toBe('0b' + toHex(new TextEncoder().encode('band-1')));
    expect(ask('0c03000400')).toBe('0d' + toHex(new TextEncoder().encode('-1')));
    expect(ask('0c03000700')).toBe('010c030007');
    expect(ask('0a0900')).toBe('010a090002');
    expect(ask('0a6300')).toBe('010a630001');
  });

  it('turns notifications on and off by the configuration', () => {
    const { gatt, ask, written } = server();
    expect(ask('080800ffff0229')).toBe('09040a000000');
    expect(ask('120a000100')).toBe('13');
    expect(gatt.isSubscribed).toBe(true);
    expect(ask('120a000100')).toBe('13');
    expect(written).toEqual(['subscribed']);
    expect(ask('120a000000')).toBe('13');
    expect(gatt.isSubscribed).toBe(false);
  });

  it('takes commands without an answer, and only for the SMP characteristic', () => {
    const { ask, written } = server();
    expect(ask('5209000102')).toBeUndefined();
    expect(ask('5203000102')).toBeUndefined();
    expect(ask('52')).toBeUndefined();
    expect(written).toEqual(['0102']);
  });

  it('refuses what it does not have with the codes of the specification', () => {
    const { ask } = server();
    expect(ask('10')).toBe('0110000004');
    expect(ask('100000ffff0028')).toBe('0110000001');
    expect(ask('10050001000028')).toBe('0110050001');
    expect(ask('100100ffff0128')).toBe('0110010010');
    expect(ask('120300aabb')).toBe('0112030003');
    expect(ask('120a0001')).toBe('01120a000d');
    expect(ask('16090000000102')).toBe('0116000006');
  });

  it('answers any bytes with at most one PDU within the MTU', () => {
    const { gatt } = server(23);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (pdu) => {
        expect(gatt.answer(pdu)?.length ?? 0).toBeLessThanOrEqual(23);
      }),
    );
  });
});
