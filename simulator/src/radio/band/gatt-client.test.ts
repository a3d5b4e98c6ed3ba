import { beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '@timeband/protocol';
import { RADIO_FAULT_NAMES, RADIO_FAULTS } from '../faults/index.js';
import { ATT, ATT_ERROR, errorResponse } from '../gatt/att.js';
import { CID, frame } from '../gatt/l2cap.js';
import {
  misbehave,
  type Neighbour,
  Neighbourhood,
  sendEcho,
  type Talk,
} from '../test-support/neighbourhood.js';
import type { BandBehaviour } from './behaviour.js';

/** After which a peer that says nothing is given up. */
const CONNECTION_TIMEOUT_MS = 3_000;

let area: Neighbourhood;

beforeEach(() => {
  area = new Neighbourhood();
});

describe('a band that speaks to another', () => {
  it.each([
    ['247', {}, {}, 2],
    ['23, where the peer takes no more', {}, { mtu: 23 }, 16],
    ['23, in short data PDUs', {}, { mtu: 23, dataOctets: 27 }, 16],
    ['100, where it takes no more itself', { mtu: 100 }, {}, 4],
  ])('cuts its packets to an MTU of %s', async (_, own, peers, writes) => {
    const caller = area.add(0, own);
    const peer = area.add(1, peers);
    const written: number[] = [];
    misbehave(peer, {
      onRequest: ([opcode, ...rest]) => {
        if (opcode === ATT.writeCommand) written.push(rest.length);
        return undefined;
      },
    });
    const { echo } = area.talk(await area.within(1_000, caller.central.connect(peer.address, 1_000)));
    expect(await echo('x'.repeat(300))).toBe('x'.repeat(300));
    expect(written).toHaveLength(writes);
  });

  it('stays at an MTU of 23 when the peer refuses to exchange them', async () => {
    const peer = area.add(1);
    misbehave(peer, refusing(ATT.mtuRequest));
    const { echo } = area.talk(await area.connect(peer));
    expect(await echo('x'.repeat(100))).toBe('x'.repeat(100));
  });

  it('is understood though a fifth of all packets is lost', async () => {
    const peer = area.add(1);
    area.simulation.air.lossRate = 0.2;
    const { echo } = area.talk(await area.connect(peer, 2_000));
    for (const text of ['a', 'b', 'c']) expect(await echo(text.repeat(200))).toBe(text.repeat(200));
  });

  it('fails at once where the peer refuses notifications, and lets go of it', async () => {
    const peer = area.add(1);
    misbehave(peer, refusing(ATT.writeRequest));
    const connecting = area.provider.central.connect(peer.address, 60_000);
    await expect(area.within(500, connecting)).rejects.toMatchObject({ code: 'link/open' });
    expect(peer.band.isConnected).toBe(false);
  });
});

describe("a band's link to another", () => {
  let peer: Neighbour;
  let link: Link;
  let talk: Talk;

  beforeEach(async () => {
    peer = area.add(1);
    link = await area.connect(peer);
    talk = area.talk(link);
  });

  it('brings an answer at the moment when it arrives', async () => {
    const { clock } = area.simulation;
    const asked = clock.now();
    const answered = sendEcho(talk.client, 'x').then(() => clock.now() - asked);
    expect(await area.within(1_000, answered)).toBeLessThan(100);
  });

  it('closes by the supervision time-out when the peer reboots in the middle, not before', async () => {
    expect(await talk.echo('x')).toBe('x');
    peer.band.control.reboot();
    await area.simulation.clock.run(2_900);
    expect(talk.closed).toEqual([]);
    await area.simulation.clock.run(200);
    expect(talk.closed).toMatchObject([{ code: 'link/closed' }]);
    expect(String(talk.closed[0])).toContain('not heard for 3000 ms');
    expect(() => {
      link.send(new Uint8Array(8));
    }).toThrow('is closed');
  });

  it('closes with a reason when the peer disconnects', async () => {
    peer.band.control.disconnect();
    await area.simulation.clock.run(100);
    expect(String(talk.closed[0])).toMatch(/disconnected$/);
    await link.close();
    expect(talk.closed).toHaveLength(1);
  });

  it('says that it has closed to whoever starts it too late', async () => {
    await area.within(100, link.close());
    link = await area.connect(peer);
    peer.band.control.disconnect();
    await area.simulation.clock.run(100);
    expect(area.talk(link).closed).toMatchObject([{ code: 'link/closed' }]);
  });

  it('drops what is no answer, and goes on', async () => {
    const { sendFragment } = peer.band.control;
    sendFragment({ isStart: true, bytes: Uint8Array.of(1, 2, 3) });
    for (const pdu of [
      [],
      [ATT.notification],
      [ATT.notification, 3, 0, 1],
      [ATT.indication, 9, 0, 1],
      [0xff],
    ])
      sendFragment({ isStart: true, bytes: frame(CID.att, Uint8Array.from(pdu)) });
    expect(await talk.echo('x')).toBe('x');
  });
});

describe('faults', () => {
  it.each(RADIO_FAULT_NAMES)('%s of a peer leaves a band able to speak to the next', async (name) => {
    const [bad, good] = [area.add(1), area.add(2)];
    bad.band.misbehave(RADIO_FAULTS[name]);
    const link = await area.connect(bad).catch(() => undefined);
    if (link !== undefined) {
      const { client, echo } = area.talk(link);
      await echo('x'.repeat(80)).catch(() => undefined);
      await area.within(CONNECTION_TIMEOUT_MS, client.close());
    } else await area.simulation.clock.run(CONNECTION_TIMEOUT_MS);
    area.simulation.remove(bad.band);
    const { echo } = area.talk(await area.connect(good));
    expect(await echo('x')).toBe('x');
  });
});

/** Refuses requests of one kind. */
function refusing(request: number): BandBehaviour {
  return {
    onRequest: ([opcode]) =>
      opcode === request ? [errorResponse(request, 0, ATT_ERROR.notSupported)] : undefined,
  };
}
