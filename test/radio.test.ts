/** The gateway's radio against a simulated room: the noble that ships, behind our driver, in virtual time. */
import type { Visit } from '@timeband/gateway';
import { OS_COMMAND, OS_GROUP, SmpClient } from '@timeband/protocol';
import { HOSTILE_NAMES, RADIO_FAULTS, type RadioFaultName } from '@timeband/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { RadioRoom, RoomBand, type RoomOptions } from './support/radio-room.js';

let room: RadioRoom | undefined;

afterEach(async () => {
  await room?.close();
  room = undefined;
});

/** Asks for an echo of this length, and hangs up. */
async function echo(visit: Visit, { clock }: RadioRoom, length = 300): Promise<unknown> {
  const client = new SmpClient(visit, { timers: clock, timeoutMs: 2_000, retries: 0 });
  try {
    const text = 'x'.repeat(length);
    const answer = await client.request({
      ...{ op: 'write', group: OS_GROUP, id: OS_COMMAND.echo, name: 'echo', idempotent: true },
      body: new Map([['d', text]]),
    });
    if (answer.get('r') === text) visit.conclude('done');
    return answer.get('r');
  } finally {
    await client.close();
  }
}

/** Every visit is an echo; what was visited, in this order. */
function echoRoom(options: Partial<RoomOptions> = {}): {
  readonly room: RadioRoom;
  readonly visited: string[];
} {
  const visited: string[] = [];
  room = new RadioRoom({
    visited: (visit, at) => {
      void echo(visit, at).then(
        () => visited.push(visit.sighting.device ?? 'stranger'),
        () => undefined, // it shows in the counters
      );
    },
    ...options,
  });
  return { room, visited };
}

describe('a band in range', () => {
  it.each([
    ['a controller that scans and initiates at once', {}],
    ['one that does one or the other', { isStrict: true }],
    ['one with extended advertising', { isExtended: true }],
    ['one that holds one small packet of ours', { aclBuffers: { count: 1, bytes: 27 } }],
  ])('is found by its encrypted advert and answers an echo through %s', async (_, controller) => {
    const { room, visited } = echoRoom({ controller });
    room.add('band-1');
    room.start();
    await room.until(() => visited.length === 1, 5);
    expect(visited).toEqual(['band-1']);
    expect(room.controller.counters).toMatchObject({ uncredited: 0, lostStep: 0, aclDropped: 0, refused: 1 });
  });

  it('answers over the smallest MTU', async () => {
    const { room, visited } = echoRoom();
    room.add('band-1').inAir.misbehave(RADIO_FAULTS['mtu-23']);
    room.start();
    await room.until(() => visited.length === 1, 5);
  });

  it('is the same band under a new address, and where its characteristic is was remembered', async () => {
    const { room, visited } = echoRoom();
    const { band, inAir } = room.add('band-1');
    room.start();
    await room.until(() => visited.length === 1, 5);
    band.rotate();
    band.says({ waiting: 1 });
    await room.until(() => visited.length === 2, 5);
    expect(visited).toEqual(['band-1', 'band-1']);
    expect(inAir.counters.connections).toBe(2);
  });

  it('leaves nothing behind in noble once its link has ended', async () => {
    const { room, visited } = echoRoom();
    for (let i = 1; i <= 20; i++) room.add(`band-${i}`);
    room.start();
    await room.until(() => visited.length === 20, 30);
    await room.pass(1);
    expect(room.radio.remembered).toBe(0);
    expect(room.radio.connections).toBe(0);
  });

  it('is out of range a minute after its last advert', async () => {
    const { room, visited } = echoRoom();
    const { inAir } = room.add('band-1');
    room.start();
    await room.until(() => visited.length === 1, 5);
    expect(room.radio.present().map(({ device }) => device)).toEqual(['band-1']);
    room.simulation.remove(inAir);
    await room.pass(61);
    expect(room.radio.present()).toEqual([]);
  });
});

/** What is within the standard, or answers what we never ask. */
const HARMLESS: readonly RadioFaultName[] = ['mtu-huge', 'descriptors-of-format-0'];

describe('a hostile device', () => {
  it.each(HOSTILE_NAMES)(
    'that sends %s harms nobody: it is dropped or hung up on, and counted',
    async (name) => {
      const { room, visited } = echoRoom();
      for (let i = 1; i <= 3; i++) room.add(`band-${i}`);
      const { band, inAir } = room.add('hostile');
      inAir.misbehave(RADIO_FAULTS[name]);
      room.start();
      await room.until(() => ['band-1', 'band-2', 'band-3'].every((device) => visited.includes(device)), 10);
      band.says({ help: true });
      await room.pass(20);
      const isCounted = Object.keys(room.counters.toJSON()).some((name) => /^(hostile|advert)\//.test(name));
      expect(isCounted || HARMLESS.includes(name)).toBe(true);
      expect(room.states.map(({ state }) => state)).toEqual(['starting', 'scanning']);
      expect(visited.filter((device) => device !== 'hostile').sort()).toEqual(['band-1', 'band-2', 'band-3']);
    },
  );
});

describe('a crowd', () => {
  /** Visits that last until the test ends them. */
  function holdingRoom(): { readonly room: RadioRoom; readonly held: Visit[] } {
    const held: Visit[] = [];
    room = new RadioRoom({
      visited: (visit) => {
        held.push(visit);
        visit.start({ packet: () => undefined, fault: () => undefined, closed: () => undefined });
      },
    });
    return { room, held };
  }

  it('of bands that hold their connections leaves one for a call for help, which is taken within 2 s', async () => {
    const { room, held } = holdingRoom();
    for (let i = 1; i <= 20; i++) room.add(`band-${i}`);
    const { band } = room.add('helpless');
    band.says({ waiting: 0 });
    room.start();
    await room.until(() => held.length === 7, 20);
    await room.pass(5);
    expect(room.radio.connections).toBe(7);
    expect(held.map(({ sighting }) => sighting.device)).not.toContain('helpless');
    band.intervalMs = 30;
    band.says({ help: true });
    await room.until(() => held.some(({ sighting }) => sighting.device === 'helpless'), 2);
  });

  it('of devices that nobody can verify shares two connections, and bands are visited as if it were not there', async () => {
    const { room, held } = holdingRoom();
    for (let i = 1; i <= 30; i++) {
      const stranger = new RoomBand(`stranger-${i}`, 100);
      room.simulation.add({ name: stranger.device, firmware: stranger.firmware() });
    }
    for (let i = 1; i <= 4; i++) room.add(`band-${i}`);
    room.start();
    await room.until(() => held.length === 6, 20);
    await room.pass(5);
    const known = held.flatMap(({ sighting }) => sighting.device ?? []);
    expect(known.sort()).toEqual(['band-1', 'band-2', 'band-3', 'band-4']);
    expect(room.radio.connections).toBe(6);
  });

  it('is done while no command was ever sent before the one before it was answered', async () => {
    const { room, visited } = echoRoom({ simulation: { lossRate: 0.1 } });
    for (let i = 1; i <= 60; i++) room.add(`band-${i}`, { intervalMs: 1_000 });
    room.start();
    await room.until(() => new Set(visited).size === 60, 60);
    expect(visited).toHaveLength(60);
    expect(room.controller.counters).toMatchObject({ uncredited: 0, aclDropped: 0, lostStep: 0 });
  });
});

describe('a device that was visited', () => {
  it('and says nothing is hung up on after 10 s', async () => {
    const reasons: (string | undefined)[] = [];
    room = new RadioRoom({
      visited: (visit) => {
        visit.start({
          packet: () => undefined,
          fault: () => undefined,
          closed: (reason) => reasons.push(reason?.message),
        });
        visit.send(new Uint8Array(8));
      },
    });
    room.add('band-1').inAir.misbehave(RADIO_FAULTS.stall);
    room.start();
    await room.until(() => reasons.length > 0, 15);
    expect(reasons[0]).toContain('nothing came for 10 s');
    expect(room.radio.connections).toBe(0);
  });

  it('and failed is tried ever less often', async () => {
    const { room } = echoRoom();
    const { inAir } = room.add('band-1');
    inAir.misbehave(RADIO_FAULTS['disconnect-at-once']);
    room.start();
    await room.pass(60);
    expect(inAir.counters.connections).toBeGreaterThan(3);
    expect(inAir.counters.connections).toBeLessThan(10);
  });
});

/** Seconds until the radio scans again. */
async function secondsDown(at: RadioRoom): Promise<number> {
  const since = at.clock.now();
  await at.until(() => at.radio.state.state === 'down', 10);
  await at.until(() => at.radio.state.state === 'scanning', 20);
  return (at.clock.now() - since) / 1_000;
}

function failures(at: RadioRoom): string[] {
  return at.states.flatMap((state) => (state.state === 'down' ? [state.failure.code] : []));
}

describe('a controller that fails', () => {
  it('by falling silent for 5 s is reset, and bands are visited again within 10 s', async () => {
    const { room, visited } = echoRoom();
    const { band } = room.add('band-1');
    room.start();
    await room.until(() => visited.length === 1, 5);
    room.controller.fallSilent(5_000);
    expect(await secondsDown(room)).toBeLessThan(10);
    expect(failures(room)).toContain('radio/silent');
    band.says({ waiting: 1 });
    await room.until(() => visited.length === 2, 5);
  });

  it('by rebooting without a word is noticed and set up again within 10 s', async () => {
    const { room, visited } = echoRoom();
    const { band } = room.add('band-1');
    room.start();
    await room.until(() => visited.length === 1, 5);
    room.controller.reboot();
    expect(await secondsDown(room)).toBeLessThan(10);
    expect(failures(room)).toEqual(['radio/rebooted']);
    band.says({ waiting: 1 });
    await room.until(() => visited.length === 2, 5);
  });

  it('by being pulled out is used again when it is plugged in, and the log can say what to do', async () => {
    const { room, visited } = echoRoom();
    const { band } = room.add('band-1');
    room.start();
    await room.until(() => visited.length === 1, 5);
    room.unplug();
    await room.pass(30);
    const { state } = room.radio;
    expect(state.state === 'down' && state.failure).toMatchObject({ code: 'radio/not-found' });
    expect(state.state === 'down' && state.failure.remedy).toContain('Plug the adapter in');
    expect(failures(room)[0]).toBe('radio/unplugged');
    room.plug();
    await room.until(() => room.radio.state.state === 'scanning', 10);
    band.says({ waiting: 1 });
    await room.until(() => visited.length === 2, 5);
  });

  it('in the middle of visits ends every link, and each band is visited after all', async () => {
    const { room, visited } = echoRoom();
    const devices = Array.from({ length: 12 }, (_, i) => `band-${i + 1}`);
    for (const device of devices) room.add(device);
    room.start();
    await room.until(() => room.radio.connections > 0, 10);
    room.controller.reboot();
    await room.until(() => devices.every((device) => visited.includes(device)), 60);
    expect(room.radio.connections).toBe(0);
  });
});
