/** Commodity readers at a whole gateway, one of each kind on a pseudo-terminal: from a tag held there to minutes in an account. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  approve,
  approvedBody,
  decodeRecord,
  enrolAction,
  type Event,
  EventVerifier,
  fromHex,
  gatewayTopics,
  KIND,
  openIssuerCertificate,
  readPunch,
  systemTimers,
  tagId,
  TrustStore,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { SerialReader, SimulatedReader, SimulatedTagReader } from '@timeband/simulator';
import { connectAsync, type MqttClient } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GATEWAY, SITE } from './support/centre.js';
import { House, nonce } from './support/house.js';

/** Asks no more than a punch, and is no time of travel. */
const SERVICE = 601;
const MINUTE_MS = 60_000;
const NOW = Math.floor(Date.now() / 1_000);
const TAGS = { rdm6300: '0a00bc614e', wedge: '0a00bc614f', pn532: '04a1b2c3d4e5f6' } as const;
type Kind = keyof typeof TAGS;
const KINDS = Object.keys(TAGS) as Kind[];

let house: House;
let dir: string;
let mqtt: MqttClient;
let readers: Readonly<Record<Kind, { readonly device: SimulatedTagReader; readonly port: SerialReader }>>;
let pastReader: SerialReader;
const punches: Event[] = [];
const looking = new Set<() => void>();

/** Of a tag, in the gateway's own log. */
const ownPunches = (kind: Kind): Event[] =>
  punches.filter(({ device, band }) => device === GATEWAY && band === tagId(fromHex(TAGS[kind])));

async function until<T>(look: () => T | undefined): Promise<T> {
  return new Promise((resolve) => {
    const again = (): void => {
      const found = look();
      if (found === undefined) return;
      looking.delete(again);
      resolve(found);
    };
    looking.add(again);
    again();
  });
}

/** A reader of ours, whose log says that all three tags were issued, and held to it an hour ago. */
function readerWithPast(): SerialReader {
  let at: number | undefined = systemTimers.now() - 60 * MINUTE_MS;
  const reader = new SimulatedReader({
    ...{ site: SITE, id: 'reader-1', wall: NOW - 3_600 },
    issuerKey: readPrivateKeyPem(readFileSync(house.files.issuerKey, 'utf8')),
    timers: { now: () => at ?? systemTimers.now(), after: systemTimers.after },
    settings: { signMs: 0 },
  });
  for (const [i, kind] of KINDS.entries()) {
    const band = tagId(fromHex(TAGS[kind]));
    const account = `account-${i + 1}`;
    const action = enrolAction({ ...{ nonce: nonce(), at: NOW, step: 'issued' }, account, band });
    const approval = approve(house.operators.li, SITE, action);
    reader.reader.record(KIND.enrol, approvedBody(action, [approval]));
  }
  at += MINUTE_MS;
  for (const kind of KINDS) {
    const proof = { kind: 'uid', uid: fromHex(TAGS[kind]) } as const;
    reader.reader.tap({ direction: 'in', service: SERVICE, proof });
  }
  at = undefined;
  return new SerialReader(reader, { baud: 0, link: join(dir, 'reader') });
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-tag-readers-'));
  const at = (kind: Kind) => ({ path: join(dir, kind), kind, service: SERVICE });
  house = await House.open({
    links: [{ glob: join(dir, '*') }], // which takes the reader alone
    tagReaders: [at('rdm6300'), { ...at('wedge'), prefix: '0a' }, at('pn532')],
  });
  mqtt = await connectAsync(`mqtt://127.0.0.1:${house.mqttPort}`, {
    ...{ username: 'subscriber', password: house.passwordOf('subscriber'), reconnectPeriod: 0 },
  });
  const verifier = new EventVerifier();
  const issuer = openIssuerCertificate(readFileSync(house.files.issuerCertificate));
  const topics = gatewayTopics(SITE, GATEWAY);
  mqtt.on('message', (topic, payload) => {
    if (topic === topics.certificate) {
      const role = { roles: ['gateway'], site: SITE, now: NOW } as const;
      verifier.trust(new TrustStore([issuer.key]).verify(payload, role));
    } else {
      const { event } = verifier.verify(payload);
      if (event.type === 'punch') punches.push(event);
    }
    for (const look of looking) look();
  });
  await mqtt.subscribeAsync(topics.certificate, { qos: 1 });
  await mqtt.subscribeAsync(topics.events, { qos: 1 });
  pastReader = readerWithPast();
  const plug = (kind: Kind) => {
    const device = new SimulatedTagReader({ kind, timers: systemTimers });
    const port = new SerialReader(device, {
      baud: kind === 'pn532' ? 115_200 : 9_600,
      link: join(dir, kind),
    });
    return { device, port };
  };
  readers = { rdm6300: plug('rdm6300'), wedge: plug('wedge'), pn532: plug('pn532') };
  await until(() => (punches.filter(({ device }) => device === 'reader-1').length === 3 ? true : undefined));
  await listening(3);
});

afterAll(async () => {
  for (const { device, port } of Object.values(readers)) {
    device.stop();
    port.unplug();
  }
  pastReader.unplug();
  await mqtt.endAsync(true);
  await house.close();
  rmSync(dir, { recursive: true });
});

/** Resolves when so many commodity readers are listened to. */
async function listening(count: number): Promise<void> {
  const { tagReaders } = (await house.command('/status', {})) as { tagReaders: { state: string }[] };
  if (tagReaders.filter(({ state }) => state === 'listening').length === count) return;
  await new Promise((resolve) => setTimeout(resolve, 50));
  await listening(count);
}

interface Status {
  readonly tagReaders: readonly {
    readonly logged: number;
    readonly repeated: number;
    readonly lost: number;
  }[];
  readonly counters: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** What the gateway says once the first reader has said a tag again several times. */
async function afterRepeats(): Promise<Status> {
  const status = (await house.command('/status', {})) as Status;
  if ((status.tagReaders[0]?.repeated ?? 0) > 3) return status;
  await new Promise((resolve) => setTimeout(resolve, 50));
  return afterRepeats();
}

describe('tags held to an RDM6300, a PN532 and a reader that types', () => {
  it('check out whom another reader checked in an hour before, and their accounts have the minutes', async () => {
    for (const kind of KINDS) {
      // What goes wrong on such lines, before what is right.
      readers[kind].device.misbehave('noise');
      readers[kind].device.tap(fromHex(TAGS[kind]), 400);
    }
    for (const [i, kind] of KINDS.entries()) {
      // Noise runs into a line that is typed, and that line is lost; the next one is not.
      if (kind === 'wedge') readers.wedge.device.tap(fromHex(TAGS.wedge));
      const event = await until(() => ownPunches(kind)[0]);
      expect(event).toMatchObject({ evidence: 0, minutes: expect.closeTo(59, -0.4) as number });
      const { direction, service } = readPunch(decodeRecord(event.record).body);
      expect([kind, direction, service]).toEqual([kind, 'out', SERVICE]);
      const { body } = await house.ask(`/v1/accounts/account-${i + 1}`);
      expect(body).toMatchObject({ minutes: 60 });
    }
  });

  it('are one tap each for as long as they are held, and what was no tag is counted', async () => {
    readers.rdm6300.device.misbehave('damaged');
    readers.rdm6300.device.misbehave('half');
    readers.rdm6300.device.tap(fromHex('0a00bc6150'), 400);
    await until(() => punches.find(({ band }) => band === 'tag-0a00bc6150'));
    for (const kind of KINDS) expect([kind, ownPunches(kind).length]).toEqual([kind, 1]);
    const { tagReaders, counters } = await afterRepeats();
    expect(tagReaders.map(({ logged, lost }) => [logged, lost])).toEqual([
      [2, 0],
      [1, 0],
      [1, 0],
    ]);
    expect(tagReaders[0]).toMatchObject({ faults: 2 });
    expect(Object.keys(counters)).toEqual(
      expect.arrayContaining(['tag/checksum', 'tag/frame', 'tag/number']),
    );
  });

  it('are seen again after their reader was unplugged', async () => {
    readers.pn532.port.unplug();
    await listening(2);
    readers.pn532.port.plug();
    await listening(3);
    readers.pn532.device.tap(fromHex('04a1b2c3d4e5f7'), 1_000);
    const event = await until(() => punches.find(({ band }) => band === 'tag-04a1b2c3d4e5f7'));
    expect(readPunch(decodeRecord(event.record).body).direction).toBe('in');
  });
});
