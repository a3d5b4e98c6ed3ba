/** A band's button near a gateway: the band checks in or out, by a punch that the gateway logs itself. */
import {
  COMMAND,
  decodePacket,
  decodeRecord,
  type Event,
  KIND,
  punchBody,
  readPunch,
  toHex,
} from '@timeband/protocol';
import { BandStock, issue } from '@timeband/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Box } from './support/box.js';
import { GATEWAY, SITE } from './support/centre.js';
import { NearBand } from './support/near-band.js';

const SERVICE = 201;
const TAG = { kind: 'uid', uid: Uint8Array.of(4, 1, 2, 3, 4, 5, 6) } as const;
const stock = new BandStock({ seed: 'button', site: SITE });
const BAND = stock.id(0);

describe('a band whose button is pressed near a gateway', () => {
  let box: Box;
  let band: NearBand;
  beforeEach(() => {
    box = new Box();
    band = new NearBand(box.timers, issue(stock, 0, box.issuerKey));
  });
  afterEach(() => box.close());

  /** The gateway visits the band, on an advert that said whether the button was pressed. */
  const visit = async (isPressed: boolean, hasUse = true): Promise<void> => {
    const buttonPunches = hasUse ? { service: SERVICE, log: box.ownLog } : undefined;
    box.follow(band.connect(), { visit: { isPressed, settled: () => undefined }, buttonPunches });
    await box.pass(3);
    expect(band.isConnected).toBe(false);
  };
  const press = async (): Promise<void> => {
    band.wristband.press();
    await visit(true);
  };
  const punches = (device: string): Event[] =>
    box.events.filter((event) => event.device === device && event.type === 'punch');
  const logs = (): string[] => box.events.map(({ device, type }) => `${device}:${type}`);

  it('checks in and out, with what it came to shown to its wearer at once', async () => {
    await press();
    await box.pass(45 * 60);
    await press();
    const seqs = punches(BAND).map(({ logSeq }) => logSeq);
    expect(band.shown).toEqual([
      [seqs[0], 'accepted', undefined],
      [seqs[1], 'accepted', 45],
    ]);
    const directions = punches(GATEWAY).map(({ record }) => readPunch(decodeRecord(record).body).direction);
    expect(directions).toEqual(['in', 'out']);
    expect(box.counted).toEqual([]);
  });

  it('has one punch that counts: the band’s own copy corroborates the act and never posts', async () => {
    await press();
    await box.pass(45 * 60);
    await press();
    const summary = ({ band: of, evidence, minutes, act }: Event) => [of, evidence, minutes, act?.length];
    expect(punches(GATEWAY).map(summary)).toEqual([
      [BAND, 2, undefined, 32],
      [BAND, 2, 45, 32],
    ]);
    expect(punches(BAND).map(summary)).toEqual([
      [BAND, 2, undefined, 32],
      [BAND, 2, undefined, 32],
    ]);
    const acts = (device: string) => punches(device).map(({ act }) => toHex(act ?? expect.fail()));
    expect(acts(BAND)).toEqual(acts(GATEWAY));
    // Had a copy been applied as well, a visit would be open now.
    expect(box.store.visits.all()).toEqual([]);
  });

  it('is in the gateway’s log before its own copy comes, behind the record of the gateway’s start', async () => {
    await press();
    const own = logs().filter((entry) => !entry.endsWith(':policy'));
    expect(own.slice(0, 2)).toEqual([`${GATEWAY}:device`, `${GATEWAY}:punch`]);
    expect(own).toContain(`${BAND}:punch`);
    expect(punches(GATEWAY)[0]).toMatchObject({ logSeq: 2, evidence: 2 });
  });

  it('is not asked on an advert that said nothing of a button, or at a site with no use for it', async () => {
    band.wristband.press();
    await visit(false);
    await visit(true, false);
    expect(logs()).not.toContain(`${GATEWAY}:punch`);
    await visit(true);
    expect(punches(GATEWAY)).toHaveLength(1); // the press was still good
  });

  it('is not believed to have been pressed because an advert was played back, and is followed all the same', async () => {
    band.wristband.log(KIND.punch, punchBody({ direction: 'in', service: SERVICE, proof: TAG }));
    await visit(true);
    expect(box.counted).toEqual([`challenge/not-pressed@radio/${BAND}`]);
    expect(punches(GATEWAY)).toEqual([]);
    expect(punches(BAND)).toHaveLength(1);
    expect(band.wristband.device.waiting).toBe(0);
  });

  it('counts for nothing when its answer was lost, since its own word needs the gateway’s', async () => {
    band.loses = (answer) => decodePacket(answer).id === COMMAND.challenge.id;
    await press();
    expect(punches(GATEWAY)).toEqual([]);
    expect(punches(BAND)).toMatchObject([{ evidence: 1 }]);
    expect(band.shown.map(([, outcome]) => outcome)).toEqual(['queued']);
    expect(box.store.visits.all()).toEqual([]);
    expect(box.codes()).toEqual(new Set(['smp/timeout', 'evidence/uncorroborated']));
  });

  it('is told nothing of what it logged before the gateway came', async () => {
    for (let i = 0; i < 3; i++) {
      band.wristband.log(KIND.punch, punchBody({ direction: 'in', service: 101, proof: TAG }));
    }
    await press();
    expect(punches(BAND)).toHaveLength(4);
    expect(band.shown).toHaveLength(1);
  });

  it('keeps its press while the gateway’s clock is unset', async () => {
    box.clockOffset = -10 * 86_400;
    await press();
    expect(box.store.totals().records).toBe(0);
    box.clockOffset = 0;
    await visit(true);
    expect(punches(GATEWAY)).toHaveLength(1);
  });
});

describe('a band with a backlog', () => {
  it('is read with as few requests as its buffer allows', async () => {
    const requests = async (bufferBytes: number): Promise<number> => {
      const box = new Box();
      const band = new NearBand(box.timers, {
        ...issue(stock, 0, box.issuerKey),
        settings: { bufferBytes },
      });
      for (let i = 0; i < 19; i++) {
        band.wristband.log(KIND.punch, punchBody({ direction: 'in', service: 101, proof: TAG }));
      }
      box.follow(band.connect(), { visit: { isPressed: false, settled: () => undefined } });
      await box.pass(8);
      expect(box.published(BAND)).toHaveLength(20);
      await box.close();
      return band.requests;
    };
    const [small, large] = [await requests(512), await requests(2_048)];
    expect(small).toBeGreaterThan(large);
    // Parameters, three steps of a handshake, identity, clock (2), status, records, seal, ack, receipt.
    expect(large).toBe(12);
  });
});
