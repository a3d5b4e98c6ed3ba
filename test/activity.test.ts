/** A tai-chi hour at a reader on a pseudo-terminal, before a whole gateway: from its beginning to everybody's minutes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  approve,
  approvedBody,
  enrolAction,
  KIND,
  type PrivateKey,
  systemTimers,
  tagId,
} from '@timeband/protocol';
import { readPrivateKeyPem } from '@timeband/protocol/pem';
import { BandStock, certify, type DeviceEvent, SerialReader, SimulatedReader } from '@timeband/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SITE } from './support/centre.js';
import { House, nonce } from './support/house.js';

const TAI_CHI = 509;
const MINUTE_MS = 60_000;
const BEGAN = 50;

let dir: string;
let house: House;
const halls: Hall[] = [];

/** A reader with everything that it did, and a clock that can be turned back to when nobody listened to it. */
class Hall {
  private readonly events: DeviceEvent[] = [];
  private readonly looking = new Set<() => void>();
  private at: number | undefined;
  private readonly stock: BandStock;
  private port: SerialReader | undefined;
  readonly device: SimulatedReader;
  readonly accounts: readonly string[];

  constructor(
    readonly id: string,
    private readonly issuerKey: PrivateKey,
  ) {
    this.stock = new BandStock({ seed: id, site: SITE, mix: { uid: 1, sun: 0, key: 1 } });
    this.accounts = ['li', 'wang', 'zhao', 'chen'].map((name) => `${name}-${id}`);
    this.ago(BEGAN);
    this.device = new SimulatedReader({
      ...{ site: SITE, id, issuerKey, wall: Math.floor(Date.now() / 1_000) - BEGAN * 60 },
      timers: { now: () => this.at ?? systemTimers.now(), after: systemTimers.after },
      settings: { signMs: 0 },
      observe: (event) => {
        this.events.push(event);
        for (const look of this.looking) look();
      },
    });
  }

  private ago(minutes: number): void {
    this.at = minutes === 0 ? undefined : systemTimers.now() - minutes * MINUTE_MS;
  }

  /** Of band 1; nobody brings that of band 5. */
  get certificate(): Uint8Array {
    return certify(this.issuerKey, SITE, this.stock.id(1), this.stock.key(1).publicKey, 'band');
  }

  /** While it is not plugged in: an activity of the fourth was opened, the others came, one of them twice. */
  begin(): void {
    const { reader } = this.device;
    for (const [number, account] of this.accounts.entries()) {
      const band = this.stock.kind(number) === 'key' ? this.stock.id(number) : tagId(this.stock.uid(number));
      const at = Math.floor(Date.now() / 1_000);
      const action = enrolAction({ nonce: nonce(), at, step: 'issued', account, band });
      reader.record(KIND.enrol, approvedBody(action, [approve(house.operators.li, SITE, action)]));
    }
    const organiser = this.accounts[3] ?? '';
    const wanted = { service: TAI_CHI, organiser, capacity: 4, plannedMinutes: 60 };
    expect(reader.activities.begin(wanted)).toHaveProperty('logged');
    this.ago(48);
    for (const band of [0, 1, 0]) this.checkIn(band);
    this.ago(20);
    this.checkIn(2);
    this.ago(0);
  }

  plug(): void {
    this.port = new SerialReader(this.device, { baud: 0, link: join(dir, this.id) });
  }

  unplug(): void {
    this.port?.unplug();
  }

  checkIn(band: number): number {
    const shows = { what: 'punch', challenger: this.id, service: TAI_CHI, direction: 'in' } as const;
    const proof = this.stock.band(band).prove({ ...shows, nonce: nonce() });
    const tapped = this.device.reader.tap({ direction: 'in', service: TAI_CHI, proof });
    if (!('logged' in tapped)) throw new Error(`turned away: ${tapped.refused}`);
    return tapped.logged;
  }

  until<Found>(find: (event: DeviceEvent) => Found | undefined): Promise<Found> {
    return new Promise((resolve) => {
      const look = (): void => {
        const found = this.events.map(find).find((one) => one !== undefined);
        if (found === undefined) return;
        this.looking.delete(look);
        resolve(found);
      };
      this.looking.add(look);
      look();
    });
  }

  acked(seq: number): Promise<true> {
    return this.until((event) => (event.event === 'acked' && event.upto >= seq ? true : undefined));
  }

  feedback(seq: number) {
    return this.until((event) => (event.event === 'feedback' && event.seq === seq ? event : undefined));
  }

  async statement(account: string): Promise<readonly Record<string, unknown>[]> {
    const { body } = await house.ask(`/v1/accounts/${account}/statement`);
    return body['lines'] as Record<string, unknown>[];
  }
}

async function balances({ accounts }: Hall): Promise<unknown[]> {
  return Promise.all(accounts.map(async (name) => (await house.ask(`/v1/accounts/${name}`)).body['minutes']));
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'timeband-activity-'));
  house = await House.open({ links: [{ glob: join(dir, 'hall-*') }] });
  const issuerKey = readPrivateKeyPem(readFileSync(house.files.issuerKey, 'utf8'));
  for (const id of ['hall-1', 'hall-2']) {
    const hall = new Hall(id, issuerKey);
    hall.begin();
    writeFileSync(join(house.dir, 'people', `${id}.cwt`), hall.certificate);
    halls.push(hall);
  }
  await house.stop();
  await house.start();
  for (const hall of halls) hall.plug();
  await Promise.all(halls.map((hall) => hall.acked(1)));
});
afterAll(async () => {
  for (const hall of halls) hall.unplug();
  await house.close();
  rmSync(dir, { recursive: true });
});

describe('an activity at a reader', () => {
  it('credits everybody from check-in to its end, once, and the organiser for all of it', async () => {
    const [hall] = halls;
    if (hall === undefined) throw new Error('no hall');
    const { reader } = hall.device;
    expect(await hall.feedback(hall.checkIn(5))).toMatchObject({ outcome: 'queued', because: 'unknown' });
    const again = hall.checkIn(2);
    expect(await hall.feedback(again)).toMatchObject({ outcome: 'refused', because: 'again' });
    await hall.acked(again);
    reader.reboot();
    expect(reader.activities.gathered).toMatchObject([{ attended: 3 }]);
    const closed = reader.activities.close();
    expect(reader.activities.close()).toEqual({ refused: 'none' });
    await hall.acked('logged' in closed ? closed.logged : 0);
    expect(await balances(hall)).toEqual([45, 45, 15, 45]);
    const lines = await hall.statement('li-hall-1');
    expect(lines.map(({ outcome, change }) => [outcome, change])).toEqual([
      ['posted', 45],
      ['doubleIn', 0],
      ['noted', 0],
    ]);
  });

  it('with somebody on its roster who was not there credits nobody, and waits for people to look at it', async () => {
    const [, hall] = halls;
    if (hall === undefined) throw new Error('no hall');
    hall.device.misbehave({ name: 'wrong-roster', after: 0 });
    const closed = hall.device.reader.activities.close();
    await hall.acked('logged' in closed ? closed.logged : 0);
    expect(await balances(hall)).toEqual([0, 0, 0, 0]);
    for (const name of hall.accounts) {
      const [newest] = await hall.statement(name);
      expect(newest).toMatchObject({ outcome: 'roster', review: true, change: 0, balance: 0 });
    }
  });
});
