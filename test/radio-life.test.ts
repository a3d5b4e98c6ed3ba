/** The life of a band over the air, from the button to the event, with the stack that ships and nothing else in between. */
import {
  decodeReceipt,
  decodeRecord,
  deriveDeviceKey,
  encodeReceipt,
  type Event,
  KIND,
  readAttest,
  readDevice,
  readPunch,
  readRequest,
  readStatement,
  signPolicy,
  TrustStore,
  verifyReceipt,
} from '@timeband/protocol';
import { certify, HOSTILE_NAMES, RADIO_FAULTS } from '@timeband/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { START } from './support/box.js';
import { GATEWAY, SITE } from './support/centre.js';
import { RadioBox, type RadioBoxOptions, type Resident } from './support/radio-box.js';

const SERVICE = 101;

let centre: RadioBox | undefined;

afterEach(async () => {
  await centre?.close();
  centre = undefined;
});

function open(options: RadioBoxOptions = {}): RadioBox {
  centre = new RadioBox({ service: SERVICE, ...options });
  return centre;
}

/** Records of a kind, decoded, of one device. */
function published({ box }: RadioBox, device: string, kind: number) {
  return box.events
    .filter((event) => event.device === device && decodeRecord(event.record).kind === kind)
    .map((event: Event) => ({ ...event, body: decodeRecord(event.record).body }));
}

const ascending = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

const felt = ({ events }: Resident): string[] =>
  events.flatMap((event) => (event.event === 'vibrated' ? [event.pattern] : []));

describe('a band near the gateway', () => {
  it('checks in and out by its button, proven by its answer, and its wearer feels that it counted', async () => {
    const at = open();
    const li = at.add();
    at.start();
    await at.until(() => li.band.device.waiting === 0, 10);
    li.band.press();
    await at.until(() => felt(li).length === 1, 5);
    await at.pass(3_600);
    li.band.press();
    await at.until(() => felt(li).length === 2, 10);
    await at.until(() => li.band.device.waiting === 0, 5);
    const counted = published(at, GATEWAY, KIND.punch);
    expect(
      counted.map(({ body, band, evidence, minutes }) => [
        readPunch(body).direction,
        band,
        evidence,
        minutes,
      ]),
    ).toEqual([
      ['in', li.id, 2, undefined],
      ['out', li.id, 2, 60],
    ]);
    expect(felt(li)).toEqual(['accepted', 'accepted']);
  });

  it('whose button nobody pressed is not checked in', async () => {
    const at = open();
    const li = at.add();
    at.start();
    await at.until(() => li.band.device.waiting === 0, 10);
    await at.pass(60);
    expect(published(at, GATEWAY, KIND.punch)).toEqual([]);
  });

  it('has its clock set by signed time, however wrong it was', async () => {
    const at = open();
    const [unset, slow] = [at.add(), at.add({ wall: START - 86_400, driftPpm: -500 })];
    at.start();
    await at.until(() => [unset, slow].every(({ band }) => band.device.waiting === 0), 10);
    for (const { band } of [unset, slow]) {
      const time = band.device.clock.time();
      expect(time.quality).toBe('set');
      expect(Math.abs((time.quality === 'set' ? time.wall : 0) - at.room.clock.now() / 1_000)).toBeLessThan(
        3,
      );
    }
    const steps = published(at, slow.id, KIND.device).map(({ body }) => readDevice(body));
    expect(steps).toContainEqual({ event: 'clockStep', seconds: expect.any(Number) as number, back: false });
  });

  it('is given the receipt of what it did, which holds under the gateway’s certificate', async () => {
    const at = open();
    const li = at.add();
    at.start();
    await at.until(() => li.band.device.waiting === 0, 10);
    li.band.press();
    await at.until(() => felt(li).length === 1, 5);
    await at.pass(1_800);
    li.band.press();
    await at.until(() => li.band.device.inbox.receipts.length === 2, 20);
    const receipt = li.band.device.inbox.receipts.at(-1) ?? new Uint8Array();
    const portable = encodeReceipt({ ...decodeReceipt(receipt), certificate: at.box.certificate.bytes });
    const trust = new TrustStore([at.box.issuerKey.publicKey]);
    const { event } = verifyReceipt(portable, { trust, site: SITE });
    expect(event).toMatchObject({ device: GATEWAY, band: li.id, evidence: 2, minutes: 30 });
  });

  it('says so in its advert and its log when its flash is full, and is emptied first', async () => {
    const at = open();
    const [full, ...others] = Array.from({ length: 12 }, () => at.add());
    if (full === undefined) throw new Error('no band');
    full.inAir.control.fillFlash();
    at.start();
    await at.until(() => full.band.device.waiting === 0, 20);
    expect(full.band.device.isFull).toBe(false);
    await at.until(() => others.every(({ band }) => band.device.waiting === 0), 60);
    expect(at.box.published(full.id)).toEqual(ascending(full.band.device.identity().acked));
  });
});

describe('a band that only MACs', () => {
  it('is followed over the air by the key that it shares with its site, and checks in by its button', async () => {
    const device = 'band-mac';
    const key = deriveDeviceKey(new Uint8Array(32).fill(3), { site: SITE, device }, 1);
    const at = open({ box: { deviceKeys: [key] } });
    const certificate = certify(at.box.issuerKey, SITE, device, key, 'band');
    const li = at.add({ id: device, key, certificate });
    at.start();
    await at.until(() => li.band.device.waiting === 0, 10);
    li.band.press();
    await at.until(() => felt(li).length === 1, 10);
    expect(felt(li)).toEqual(['accepted']);
    expect(published(at, device, KIND.device)).toMatchObject([{ vouched: 'gateway' }]);
  });
});

describe('a call for help', () => {
  it('is a verified event within seconds, and its caller feels that it was heard', async () => {
    const at = open();
    const residents = Array.from({ length: 10 }, () => at.add());
    const [li] = residents;
    if (li === undefined) throw new Error('no band');
    at.start();
    await at.until(() => residents.every(({ band }) => band.device.waiting === 0), 60);
    li.band.callForHelp();
    await at.until(() => published(at, li.id, KIND.request).length === 1, 3);
    await at.until(() => felt(li).length === 1, 3);
    const [call] = published(at, li.id, KIND.request);
    expect(readRequest(call?.body ?? new Map())).toMatchObject({
      phase: 'open',
      urgency: 'urgent',
      category: 1,
    });
    expect(call).toMatchObject({ device: li.id, evidence: 2 });
    expect(felt(li)).toEqual(['helpHeard']);
  });

  it('is logged even where the flash is full for everything else', async () => {
    const at = open();
    const li = at.add();
    li.inAir.control.fillFlash();
    li.band.callForHelp();
    at.start();
    await at.until(() => published(at, li.id, KIND.request).length === 1, 10);
  });

  it('passes by those who wait, also while a whole room does', async () => {
    const at = open();
    const residents = Array.from({ length: 60 }, () => at.add());
    at.start();
    await at.until(() => at.box.events.length > 10, 30);
    const caller = residents.findLast(({ band }) => band.device.waiting > 0);
    caller?.band.callForHelp();
    const since = at.room.clock.now();
    await at.until(() => published(at, caller?.id ?? '', KIND.request).length === 1, 5);
    expect(residents.filter(({ band }) => band.device.waiting > 0).length).toBeGreaterThan(5);
    expect(at.room.clock.now() - since).toBeLessThan(5_000);
  });
});

describe('a crowd with every hostile device in its middle', () => {
  it('is done as if they were not there: no other link notices', async () => {
    const at = open();
    const honest = Array.from({ length: 40 }, () => at.add());
    for (const name of HOSTILE_NAMES) at.add().inAir.misbehave(RADIO_FAULTS[name]);
    at.start();
    await at.until(() => honest.every(({ band }) => band.device.waiting === 0), 60);
    await at.pass(30);
    for (const { id, band, inAir } of honest) {
      expect(at.box.published(id)).toEqual(ascending(band.device.identity().acked));
      expect(inAir.counters.connections).toBe(1);
    }
    expect(at.room.states.map(({ state }) => state)).toEqual(['starting', 'scanning']);
    expect(Object.keys(at.room.counters.toJSON()).some((name) => name.startsWith('hostile/'))).toBe(true);
  });
});

describe('a visit at home, where no gateway hears', () => {
  const AWAY = 10_000;

  /** Two neighbours far from the gateway. */
  function neighbours(at: RadioBox): [Resident, Resident] {
    const home = (x: number) => ({
      path: (now: number) => (now < back ? { x: AWAY + x, y: 0 } : { x, y: 0 }),
    });
    let back = Infinity;
    comeHome = () => (back = at.room.clock.now());
    return [at.add({}, home(0)), at.add({}, home(1))];
  }
  let comeHome: () => number = () => 0;

  async function visit(at: RadioBox, [helper, elder]: [Resident, Resident], seconds: number) {
    elder.band.press();
    const begun = helper.band.beginVisit(SERVICE);
    await at.pass(10);
    await at.pass(seconds - 10);
    elder.band.press();
    const ended = helper.band.endVisit({ rating: 5 });
    await at.pass(10);
    return [await begun, await ended];
  }

  it('is attested by both bands, and counts once, whichever band comes to the gateway first', async () => {
    const at = open();
    const both = neighbours(at);
    const [helper, elder] = both;
    expect(await visit(at, both, 2_700)).toEqual([
      { outcome: 'begun', peer: elder.id },
      { outcome: 'attested', peer: elder.id },
    ]);
    expect(at.box.events).toEqual([]);
    comeHome();
    at.start();
    await at.until(() => both.every(({ band }) => band.device.waiting === 0), 60);
    const attested = both.flatMap(({ id }) => published(at, id, KIND.attest));
    expect(attested.map(({ evidence, band }) => [evidence, band])).toEqual([
      [2, helper.id],
      [2, helper.id],
    ]);
    const [one, other] = attested;
    expect(one?.act).toEqual(other?.act);
    const { statement } = readAttest(one?.body ?? new Map());
    expect(readStatement(statement)).toMatchObject({
      ...{
        provider: helper.id,
        recipient: elder.id,
        service: SERVICE,
        minutes: 45,
        rating: 5,
        confirmedBy: 'recipient',
      },
    });
  });

  it('does not begin while the other’s button was not pressed, nor with nobody near', async () => {
    const at = open();
    const [helper, elder] = neighbours(at);
    const begun = helper.band.beginVisit(SERVICE);
    await at.pass(10);
    expect(await begun).toMatchObject({ outcome: 'failed' });
    elder.inAir.stop();
    const alone = helper.band.beginVisit(SERVICE);
    await at.pass(10);
    expect(await alone).toEqual({ outcome: 'failed', because: 'no band is near' });
    expect(felt(helper)).toEqual(['refused', 'refused']);
  });

  it('is not attested by somebody else’s band, nor without the press at the end', async () => {
    const at = open();
    const [helper, elder] = neighbours(at);
    const stranger = at.add({}, { path: () => ({ x: AWAY + 0.5, y: 0 }) });
    elder.band.press();
    const begun = helper.band.beginVisit(SERVICE);
    await at.pass(20);
    expect(await begun).toMatchObject({ outcome: 'begun', peer: elder.id });
    stranger.band.press();
    const ended = helper.band.endVisit();
    await at.pass(20);
    expect(await ended).toMatchObject({ outcome: 'failed' });
    elder.band.press();
    const again = helper.band.endVisit();
    await at.pass(20);
    expect(await again).toEqual({ outcome: 'attested', peer: elder.id });
  });
});

describe('two gateways of one site in one air', () => {
  it('take every record once: the one that is not the primary asks nothing of it, and does not come again and again', async () => {
    const first = open();
    const residents = Array.from({ length: 8 }, () => first.add());
    const second = new RadioBox({ service: SERVICE, box: { gateway: 'gw-2' }, beside: first });
    const primary = signPolicy(
      first.box.issuerKey,
      { number: 1, issued: START, site: SITE },
      { type: 'primary', gateway: GATEWAY, term: 1 },
    );
    for (const { box } of [first, second]) box.policies.take(primary);
    second.start();
    await first.pass(1);
    first.start();
    await first.until(() => residents.every(({ band }) => band.device.waiting === 0), 30);
    const [li] = residents;
    li?.band.press();
    await first.until(() => published(first, GATEWAY, KIND.punch).length === 1, 5);
    await first.pass(300);
    expect(second.box.events).toEqual([]);
    for (const { id, band } of residents)
      expect(first.box.published(id)).toEqual(ascending(band.device.identity().acked));
    const connections = residents.map(({ inAir }) => inAir.counters.connections);
    expect(Math.max(...connections)).toBeLessThan(8);
    await second.close();
  });
});
