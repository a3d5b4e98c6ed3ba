import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../bytes.js';
import { encode } from '../cbor/index.js';
import { ALG, PrivateKey } from '../crypto/index.js';
import {
  call,
  COMMAND,
  decodePacket,
  encodePacket,
  OP,
  parametersRequest,
  RC,
  type SmpPacket,
  SmpClient,
  TIMEBAND_GROUP,
} from '../smp/index.js';
import { keyOf } from '../test-support/index.js';
import { SessionClient } from './client.js';
import { HANDSHAKE_MS } from './server.js';
import { band, DEVICE, GATEWAY, NOW, outcomeOf, party, WatchedDevice } from './session.test.support.js';

const seal = { nonce: new Uint8Array(16), upto: 3 };

async function open(device = new WatchedDevice(band()), gateway = party()) {
  const faults: string[] = [];
  const client = new SessionClient(device, {
    timers: device.timers,
    retries: 0,
    onFault: ({ code }) => faults.push(code),
  });
  await client.beginCertified(gateway);
  return { device, client, faults };
}

const denied = encode(new Map([['rc', RC.accessDenied]]));

describe('a session by certificates', () => {
  it.each([ALG.EdDSA, ALG.ES256] as const)(
    'carries requests and answers that nobody on the link reads (%d)',
    async (algorithm) => {
      const { device, client } = await open(
        new WatchedDevice(band({ key: PrivateKey.generate(algorithm) })),
        party({ key: PrivateKey.generate(algorithm) }),
      );
      expect(client.peer).toMatchObject({ subject: DEVICE, role: 'band' });
      expect(device.server.peer).toMatchObject({ subject: GATEWAY, role: 'gateway' });
      expect(await call(client, COMMAND.ack, Uint8Array.of(1, 2, 3)).catch(String)).toEqual({ acked: 4 });
      const { payload } = decodePacket(device.requests.at(-1) ?? new Uint8Array());
      expect(toHex(payload)).toMatch(/^a10058..d08343a1010aa10641/);
      expect(device.acted.at(-1)?.payload).toEqual(encode(new Map([[1, Uint8Array.of(1, 2, 3)]])));
    },
  );

  it('never shows who the device is: not its id, not its certificate, whole or in part', async () => {
    const { device } = await open();
    const seen = toHex(concat(...device.transcript));
    expect(seen).not.toContain(toHex(new TextEncoder().encode(DEVICE)));
    expect(seen).not.toContain(toHex(keyOf('session band').publicKey.x));
  });

  it.each([
    ['no certificate of the site’s issuer', party({ issuer: keyOf('stranger') })],
    ['a certificate for another site', party({ site: 'elsewhere' })],
    ['the certificate of a band', party({ role: 'band' })],
    ['a certificate that has expired', party({ expires: NOW - 1 })],
    ['somebody else’s certificate', { ...party(), key: keyOf('thief') }],
  ])('is not made with a gateway that has %s, which learns nothing of the device', async (_, gateway) => {
    const device = new WatchedDevice(band());
    const client = new SessionClient(device, { timers: device.timers });
    expect(await outcomeOf(client.beginCertified(gateway))).toBe('session/closed');
    expect(device.server.peer).toBeUndefined();
    // message_1 and the word that it gave up: the identity would come with message_3, 200 bytes and more
    for (const [i, bytes] of device.transcript.entries())
      if (i % 2 === 1) expect(bytes.length).toBeLessThan(64);
  });

  it.each([
    ['a certificate for another site', band({ site: 'elsewhere' })],
    ['the certificate of an operator', band({ role: 'operator' })],
    ['no certificate of the site’s issuer', band({ issuer: keyOf('stranger') })],
  ])('is not made with a device that has %s', async (_, device) => {
    const watched = new WatchedDevice(device);
    const client = new SessionClient(watched, { timers: watched.timers });
    expect(await outcomeOf(client.beginCertified(party()))).toBe('session/credential');
    expect(client.peer).toBeUndefined();
    expect(watched.server.peer).toBeUndefined();
  });

  it('is not made where the keys sign by different algorithms: a suite has one', async () => {
    const device = new WatchedDevice(band({ key: PrivateKey.generate(ALG.ES256) }));
    const client = new SessionClient(device, { timers: device.timers });
    expect(await outcomeOf(client.beginCertified(party()))).toBe('session/suite');
  });

  it('is dropped half-way when it is not complete within 5 s', async () => {
    const device = new WatchedDevice(band());
    const client = new SmpClient(device, { timers: device.timers });
    await call(client, COMMAND.handshake, { method: 'edhoc' });
    device.timers.advance(4_999);
    expect(device.timedOut).toBe(false);
    device.timers.advance(1);
    expect(device.timedOut).toBe(true);
    expect(await outcomeOf(call(client, COMMAND.handshake, { message: Uint8Array.of(0x40) }))).toBe(
      'smp/device',
    );
  });

  it('that nobody begins within 5 s ends the connection', () => {
    const device = new WatchedDevice(band());
    device.timers.advance(HANDSHAKE_MS);
    expect(device.timedOut).toBe(true);
  });

  it('that is open is not ended by a handshake that somebody else begins', async () => {
    const { device, client } = await open();
    const stranger = encodePacket({
      op: OP.write,
      group: TIMEBAND_GROUP,
      id: COMMAND.handshake.id,
      sequence: 77,
      payload: encode(new Map([[1, 1]])),
    });
    device.answer(decodePacket(stranger));
    device.timers.advance(2 * HANDSHAKE_MS);
    expect(device.timedOut).toBe(false);
    expect(await call(client, COMMAND.ack, new Uint8Array())).toEqual({ acked: 4 });
  });

  it('that is lost with the link is made again, with other keys', async () => {
    const { device, client } = await open();
    const before = device.requests.length;
    await call(client, COMMAND.ack, new Uint8Array());
    device.server.connected();
    expect(await outcomeOf(call(client, COMMAND.ack, new Uint8Array()))).toBe('smp/device');
    await client.beginCertified(party());
    await call(client, COMMAND.ack, new Uint8Array());
    const bodies = device.requests.map((bytes) => toHex(decodePacket(bytes).payload));
    expect(bodies.at(-1)?.length).toBe(bodies[before]?.length);
    expect(bodies.at(-1)).not.toBe(bodies[before]);
  });
});

describe('on a link that nobody trusts', () => {
  it('only echo, parameters and the handshake answer before a session', async () => {
    const device = new WatchedDevice(band());
    const client = new SmpClient(device, { timers: device.timers });
    await client.request(parametersRequest);
    await client.request({ ...parametersRequest, op: 'write', id: 0 });
    for (const command of Object.values(COMMAND)) {
      if (command.id === COMMAND.handshake.id) continue;
      for (const op of [OP.read, OP.write] as const) {
        const packet = { op, group: TIMEBAND_GROUP, id: command.id, sequence: 0, payload: encode(new Map()) };
        expect(device.answer(packet).payload).toEqual(denied);
      }
    }
    expect(device.acted).toHaveLength(2);
  });

  it('image, settings, reset, files and shell are a technician’s, in a session of the technician’s own', async () => {
    const reserved = [
      { op: 'write', group: 0, id: 5 },
      { op: 'read', group: 1, id: 0 },
      { op: 'write', group: 3, id: 0 },
      { op: 'write', group: 8, id: 0 },
      { op: 'write', group: 9, id: 0 },
    ] as const;
    const gateway = await open();
    const technician = await open(
      new WatchedDevice(band()),
      party({ key: keyOf('technician'), role: 'technician', subject: 'technician-1' }),
    );
    for (const command of reserved) {
      const request = { ...command, body: new Map(), name: 'reserved', idempotent: false };
      expect(await outcomeOf(gateway.client.request(request))).toBe('smp/device');
      expect(await outcomeOf(technician.client.request(request))).toEqual(new Map([[1, command.id]]));
    }
    expect(gateway.device.acted).toEqual([]);
  });

  it('another band may ask for a visit and nothing else, and a gateway for anything but a visit and how to follow a band', async () => {
    const recipient = (): WatchedDevice => new WatchedDevice(band({ peers: ['gateway', 'band'] }));
    const provider = await open(
      recipient(),
      party({ key: keyOf('provider'), role: 'band', subject: 'band-2' }),
    );
    const gateway = await open(recipient());
    const visit = [COMMAND.meet.id, COMMAND.attest.id];
    const notOfGateways = [...visit, COMMAND.resolvingKey.id];
    for (const { id, op } of Object.values(COMMAND)) {
      if (id === COMMAND.handshake.id) continue;
      const request = { op, group: TIMEBAND_GROUP, id, body: new Map(), name: 'any', idempotent: false };
      const answered = new Map([[1, id]]);
      const isVisit = visit.includes(id);
      expect(await outcomeOf(provider.client.request(request))).toEqual(isVisit ? answered : 'smp/device');
      const mayNot = notOfGateways.includes(id);
      expect(await outcomeOf(gateway.client.request(request))).toEqual(mayNot ? 'smp/device' : answered);
    }
    const os = { op: 'read', group: 0, id: 2, body: new Map(), name: 'os', idempotent: true } as const;
    expect(await outcomeOf(provider.client.request(os))).toBe('smp/device');
  });

  it('packets of a session do nothing when they are sent again, in it or in the next', async () => {
    const { device, client } = await open();
    await call(client, COMMAND.ack, Uint8Array.of(7));
    const recorded = device.requests.map(decodePacket);
    const replay = (): Uint8Array[] =>
      recorded.filter(({ id }) => id !== COMMAND.handshake.id).map((packet) => device.answer(packet).payload);
    expect(replay()).toEqual([denied]);
    device.server.connected();
    expect(replay()).toEqual([denied]);
    await client.beginCertified(party());
    expect(replay()).toEqual([denied]);
    expect(device.acted).toHaveLength(1);
  });

  it('a whole recorded handshake opens no session when it is played again', async () => {
    const { device } = await open();
    const recorded = device.requests.map(decodePacket);
    device.server.connected();
    for (const packet of recorded) device.answer(packet);
    expect(device.server.peer).toBeUndefined();
  });

  it('a request that was changed on the way does nothing', async () => {
    const { device, client } = await open();
    await call(client, COMMAND.ack, Uint8Array.of(7));
    const sent = decodePacket(device.requests.at(-1) ?? new Uint8Array());
    for (const changed of [
      { ...sent, id: COMMAND.hello.id },
      { ...sent, payload: Uint8Array.from(sent.payload, (byte, i) => (i === 20 ? byte ^ 1 : byte)) },
      { ...sent, payload: encode(new Map([[1, Uint8Array.of(7)]])) },
    ]) {
      expect(device.answer(changed).payload).toEqual(denied);
    }
    expect(device.acted).toHaveLength(1);
  });

  it('an answer that was changed, held back or made up is not taken for one', async () => {
    const { device, client, faults } = await open();
    let held: SmpPacket | undefined;
    const ask = async (meddle: (answer: SmpPacket) => SmpPacket): Promise<unknown> => {
      device.meddle = meddle;
      const result = outcomeOf(call(client, COMMAND.seal, seal));
      await device.timers.run(1_000);
      return result;
    };
    expect(await ask((answer) => ({ ...answer, payload: encode(new Map([[1, Uint8Array.of(1)]])) }))).toBe(
      'smp/timeout',
    );
    expect(await ask((answer) => ({ ...answer, payload: encode(new Map([['rc', 3]])) }))).toBe('smp/timeout');
    expect(
      await ask((answer) => {
        held = answer;
        return { ...answer, payload: new Uint8Array() };
      }),
    ).toBe('smp/timeout');
    // The true answer to the request before, under the number of this one.
    expect(await ask((answer) => ({ ...answer, payload: held?.payload ?? answer.payload }))).toBe(
      'smp/timeout',
    );
    expect(faults).toEqual(['session/message', 'session/message', 'cbor/truncated', 'session/proof']);
  });
});
