/** A reader on a link that anybody can get at: what its own gateway does there, and what nobody else can. */
import { join } from 'node:path';
import {
  call,
  COMMAND,
  decodeLenient,
  decodePacket,
  Deframer,
  deriveDeviceKey,
  encodeFrame,
  isOpenToAll,
  OP,
  OS_GROUP,
  parametersRequest,
  RC,
  SmpClient,
  type SmpPacket,
  TIMEBAND_GROUP,
  toHex,
} from '@timeband/protocol';
import {
  createSimulatedReader,
  memoryLink,
  type DeviceEvent,
  type SimulatedReader,
} from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from './support/box.js';
import { BANDCTL_BIN, Centre, SITE } from './support/centre.js';
import { outcome } from './support/outcome.js';

const READER = 'reader-whom-nobody-may-know';
const PUNCH = {
  direction: 'in',
  service: 201,
  proof: { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) },
} as const;

/** Keeps a copy of every packet that the device is sent and that it sends. */
function watch(device: SimulatedReader): { readonly received: SmpPacket[]; readonly sent: SmpPacket[] } {
  const packets = { received: [] as SmpPacket[], sent: [] as SmpPacket[] };
  const collect = (into: SmpPacket[]): Deframer =>
    new Deframer({ packet: (bytes) => into.push(decodePacket(bytes)), fault: () => undefined });
  const [inward, outward] = [collect(packets.received), collect(packets.sent)];
  const receive = device.receive.bind(device);
  const connect = device.connect.bind(device);
  device.receive = (bytes) => {
    inward.push(bytes);
    receive(bytes);
  };
  device.connect = (write) => {
    connect((bytes) => {
      outward.push(bytes);
      write(bytes);
    });
  };
  return packets;
}

function hexOf(packets: readonly SmpPacket[]): string {
  return packets.map(({ payload }) => toHex(payload)).join('/');
}

const ID_IN_HEX = toHex(new TextEncoder().encode(READER));

describe('a reader on a link that nobody trusts', () => {
  let box: Box;
  let device: SimulatedReader;
  let events: DeviceEvent[];
  let seen: ReturnType<typeof watch>;

  beforeEach(() => {
    box = new Box();
    events = [];
    device = createSimulatedReader({
      site: SITE,
      issuerKey: box.issuerKey,
      id: READER,
      timers: box.timers,
      untrustedLink: true,
      settings: { signMs: 20 },
      observe: (event) => events.push(event),
    });
    seen = watch(device);
  });
  afterEach(() => box.close());

  /** Follows one tap all the way. */
  const followTap = async (): Promise<void> => {
    box.plug(device);
    await box.pass(3);
    device.reader.tap(PUNCH);
    await box.pass(5);
  };

  it('is followed by its gateway through a session, from the tap to feedback, event and ack', async () => {
    await followTap();
    expect(box.published(READER)).toEqual([1, 2]);
    expect(events).toContainEqual(expect.objectContaining({ event: 'feedback', seq: 2 }));
    expect(device.reader.identity().acked).toBe(2);
  });

  it('says and hears nothing in clear but parameters and the handshake', async () => {
    await followTap();
    const inClear = seen.received.filter(isOpenToAll).map(({ group, id }) => `${group}/${id}`);
    expect(new Set(inClear)).toEqual(new Set(['0/6', '84/9']));
    expect(hexOf(seen.sent)).not.toContain(ID_IN_HEX);
    expect(hexOf(seen.received)).not.toContain(ID_IN_HEX);
    expect(hexOf(seen.sent)).not.toContain(toHex(PUNCH.proof.uid));
  });

  it('makes a new session after it was started anew, and loses nothing', async () => {
    await followTap();
    device.reboot();
    device.reader.tap(PUNCH);
    await box.pass(10);
    expect(box.published(READER)).toEqual([1, 2, 3, 4]);
  });

  it('does nothing when a recorded session is played to it again', async () => {
    await followTap();
    const recorded = [...seen.received];
    const head = device.reader.status(0);
    const { link } = box.plug(device);
    link.unplug();
    const replayed = memoryLink(device);
    replayed.start({ packet: () => undefined, fault: () => undefined, closed: () => undefined });
    seen.sent.length = 0;
    events.length = 0;
    for (const { op, group, sequence, id, payload } of recorded) {
      device.receive(
        encodeFrame(
          Uint8Array.from([
            8 | op,
            0,
            payload.length >> 8,
            payload.length,
            group >> 8,
            group,
            sequence,
            id,
            ...payload,
          ]),
        ),
      );
      await box.pass(1);
    }
    const answers = seen.sent.filter((packet) => !isOpenToAll(packet));
    expect(answers.length).toBeGreaterThan(10);
    for (const { payload } of answers)
      expect(decodeLenient(payload)).toEqual(new Map([['rc', RC.accessDenied]]));
    expect(events).toEqual([]);
    expect(device.reader.status(0)).toEqual(head);
  });

  it('tells a stranger its parameters, and nothing else whatever it asks', async () => {
    const client = new SmpClient(memoryLink(device), { timers: box.timers, retries: 0 });
    const ask = async (packet: Pick<SmpPacket, 'op' | 'group' | 'id'>): Promise<number | undefined> => {
      const op = packet.op === OP.read ? 'read' : 'write';
      const asked = client.request({ ...packet, op, name: 'probe', body: new Map(), idempotent: false });
      const refused = asked.then(
        () => undefined,
        (error: unknown) => (error as { rc?: number }).rc,
      );
      await box.pass(1);
      return refused;
    };
    expect(await client.request(parametersRequest)).toEqual(
      new Map([
        ['buf_size', 512],
        ['buf_count', 4],
      ]),
    );
    for (const group of [OS_GROUP, 1, 3, 8, 9, TIMEBAND_GROUP]) {
      for (let id = 0; id < 16; id++) {
        for (const op of [OP.read, OP.write]) {
          if (!isOpenToAll({ op, group, id })) expect(await ask({ op, group, id })).toBe(RC.accessDenied);
        }
      }
    }
    expect(hexOf(seen.sent)).not.toContain(ID_IN_HEX);
  });

  it('does not show who it is to a gateway that its own issuer did not certify', async () => {
    const stranger = new Box();
    try {
      const { session } = stranger.plug(device);
      for (let second = 0; second < 5; second++) {
        await stranger.pass(1);
        await box.pass(1);
      }
      expect(session.state.state).toBe('resting');
      expect(stranger.events).toEqual([]);
      expect(seen.received.some(({ group, id }) => group === TIMEBAND_GROUP && id === 9)).toBe(true);
      expect(hexOf(seen.sent)).not.toContain(ID_IN_HEX);
      for (const { payload } of seen.sent) expect(payload.length).toBeLessThan(64);
    } finally {
      await stranger.close();
    }
  });

  it('answers echo, so that a technician can tell a dead link from a locked one', async () => {
    const client = new SmpClient(memoryLink(device), { timers: box.timers });
    const body = new Map([['d', 'hello']]);
    expect(
      await client.request({ op: 'write', group: OS_GROUP, id: 0, name: 'echo', body, idempotent: true }),
    ).toEqual(new Map([['r', 'hello']]));
    await expect(call(client, COMMAND.identity, undefined)).rejects.toMatchObject({ rc: RC.accessDenied });
  });
});

describe('a device that only MACs, on a link that nobody trusts', () => {
  const master = new Uint8Array(32).fill(5);
  const owner = { site: SITE, device: READER };

  const plugInto = async (box: Box): Promise<SimulatedReader> => {
    const device = createSimulatedReader({
      ...{ site: SITE, issuerKey: box.issuerKey, id: READER, timers: box.timers },
      ...{ key: deriveDeviceKey(master, owner, 1), untrustedLink: true, settings: { signMs: 0 } },
    });
    box.plug(device);
    await box.pass(3);
    device.reader.tap(PUNCH);
    await box.pass(5);
    return device;
  };

  it('is followed through a session by the key that it shares with its site', async () => {
    const box = new Box({ deviceKeys: [deriveDeviceKey(master, owner, 1)] });
    const device = await plugInto(box);
    expect(box.events.map(({ vouched }) => vouched)).toEqual(['gateway', 'gateway']);
    expect(device.reader.identity().acked).toBe(2);
    await box.close();
  });

  it('says nothing to a gateway that has not its key', async () => {
    const box = new Box({ deviceKeys: [deriveDeviceKey(master, owner, 2)] });
    const device = await plugInto(box);
    expect([...box.codes()]).toEqual(['session/proof']);
    expect([box.events.length, device.reader.identity().acked]).toEqual([0, 0]);
    await box.close();
  });
});

describe('bandsim reader --untrusted-link', () => {
  it('is followed by the gateway as it ships, over a pseudo-terminal', async () => {
    const centre = await Centre.create();
    try {
      await centre.startGateway();
      const client = await centre.subscribe();
      const reader = await centre.startReader('reader-1', ['--untrusted-link']);
      await client.until((received) => received.length === 1);
      const acked = reader.expect((message) =>
        message['event'] === 'acked' && message['upto'] === 2 ? true : undefined,
      );
      reader.tell('tap 7 in 101');
      await client.until((received) => received.length === 2);
      expect(client.events[1]?.event).toMatchObject({ device: 'reader-1', type: 'punch', logSeq: 2 });
      await acked;
    } finally {
      await centre.close();
    }
  });

  it('is no riddle to a technician: bandctl info says that it demands a session', async () => {
    const centre = await Centre.create();
    try {
      await centre.startReader('reader-1', ['--untrusted-link']);
      const { exitCode, out } = await outcome([
        BANDCTL_BIN,
        ...['info', '--port', join(centre.readerDir, 'reader-1')],
      ]);
      expect(exitCode).not.toBe(0);
      expect(out).toContain('It demands a session');
    } finally {
      await centre.close();
    }
  });
});
