import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { chainHash, equalBytes, toHex } from '@timeband/protocol';
import { Bench, PUNCH } from '../test-support/reader.js';
import { DeviceLog, type LogOwner, RESERVED_SLOTS } from './device-log.js';
import { NorFlash, PowerCut, SECTOR_BYTES } from './flash.js';
import { MAX_RECORD_BYTES } from './record-ring.js';
import { SLOT_BYTES, SLOTS_PER_SECTOR } from './slot.js';
import { STATE_SECTORS } from './state-page.js';

const OWNER: LogOwner = { site: 'dahaiyang', device: 'reader-1', thumbprint: new Uint8Array(32).fill(7) };
const RECORD_SECTORS = 8;

function recordOf(seq: number): Uint8Array {
  return Uint8Array.from({ length: 40 + (seq % 50) }, (_, i) => seq + i);
}

function newLog(flash: NorFlash): DeviceLog {
  return new DeviceLog(flash, OWNER);
}

/** Appends `count` records, as long as there is room. */
function fill(log: DeviceLog, count: number): void {
  for (let i = 0; i < count; i++) log.append(recordOf, false);
}

/** Whether every record from the acknowledged one on is there and hashes to what the log says. */
function isConsistent(log: DeviceLog): boolean {
  for (let seq = log.acked + 1; seq <= log.head; seq++) {
    const [before, record, hash] = [log.hash(seq - 1), log.record(seq), log.hash(seq)];
    if (before === undefined || record === undefined || hash === undefined) return false;
    if (!equalBytes(chainHash(before, record), hash)) return false;
  }
  return true;
}

/** Overwrites the slot that holds a record, as worn flash would. */
function damage(flash: NorFlash, slot: number): void {
  flash.program(STATE_SECTORS * SECTOR_BYTES + slot * SLOT_BYTES + 60, new Uint8Array(8));
}

describe('NOR flash', () => {
  it('only clears bits until its sector is erased', () => {
    const flash = new NorFlash(1);
    flash.program(0, Uint8Array.of(0xf0));
    flash.program(0, Uint8Array.of(0x3f));
    expect(flash.bytes[0]).toBe(0x30);
    flash.erase(0);
    expect(flash.bytes[0]).toBe(0xff);
  });
});

describe('a log in flash', () => {
  it('keeps whole records, and nothing else, whichever byte of a record the power fails at', () => {
    const prepared = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
    fill(newLog(prepared), 3);
    const image = prepared.image();
    for (let cut = 0; cut <= SLOT_BYTES; cut++) {
      const flash = new NorFlash(prepared.sectors);
      flash.restore(image);
      const log = newLog(flash);
      flash.cutAfter(cut);
      try {
        fill(log, 1);
      } catch (error) {
        expect(error).toBeInstanceOf(PowerCut);
      }
      flash.powerUp();
      const after = newLog(flash);
      expect(after.epoch).toBe(1);
      expect([3, 4]).toContain(after.head);
      fill(after, 2);
      expect(after.head).toBeGreaterThanOrEqual(5);
      expect(isConsistent(after)).toBe(true);
    }
  });

  it('loses nothing unacknowledged and reuses no sealed number, whatever happens when the power fails', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('append' as const) },
      { weight: 2, arbitrary: fc.constant('seal' as const) },
      { weight: 2, arbitrary: fc.constant('ack' as const) },
      { weight: 1, arbitrary: fc.constant('restart' as const) },
    );
    const cut = fc.option(fc.integer({ min: 0, max: 2 * SECTOR_BYTES }), { freq: 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(step, cut), { maxLength: 120 }), (steps) => {
        const flash = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
        let log = newLog(flash);
        const known = new Map<number, string>(); // what append confirmed
        let sealed = 0;
        let acked = 0;
        for (const [action, bytes] of steps) {
          if (bytes !== null) flash.cutAfter(bytes);
          try {
            if (action === 'append') {
              const seq = log.append(recordOf, false);
              if (seq !== undefined) known.set(seq, toHex(log.hash(seq) ?? new Uint8Array()));
            } else if (action === 'seal') {
              log.sealUpto(log.head);
              sealed = log.sealed;
            } else if (action === 'ack') {
              log.ackUpto(log.sealed);
              acked = log.acked;
            } else {
              log = newLog(flash);
            }
          } catch (error) {
            if (!(error instanceof PowerCut)) throw error;
            flash.powerUp();
            log = newLog(flash);
          }
          expect(log.epoch).toBe(1);
          expect(log.sealed).toBeGreaterThanOrEqual(sealed);
          expect(log.acked).toBeGreaterThanOrEqual(acked);
          expect(log.head).toBeGreaterThanOrEqual(Math.max(0, ...known.keys()));
          expect(isConsistent(log)).toBe(true);
          for (const [seq, hash] of known) {
            if (seq > log.acked) expect(toHex(log.hash(seq) ?? new Uint8Array())).toBe(hash);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('refuses when full of unacknowledged records, and keeps 16 slots for help and device records', () => {
    const log = newLog(new NorFlash(STATE_SECTORS + RECORD_SECTORS));
    fill(log, 1_000);
    expect(log.head).toBe(RECORD_SECTORS * SLOTS_PER_SECTOR - RESERVED_SLOTS);
    expect(log.isFull).toBe(true);
    for (let i = 0; i < RESERVED_SLOTS; i++) expect(log.append(recordOf, true)).toBeDefined();
    expect(log.append(recordOf, true)).toBeUndefined();
    expect(log.oldest).toBe(1);
    expect(isConsistent(log)).toBe(true);
  });

  it('overwrites acknowledged records only when their space is needed', () => {
    const log = newLog(new NorFlash(STATE_SECTORS + RECORD_SECTORS));
    fill(log, 48);
    log.sealUpto(48);
    log.ackUpto(48);
    expect(log.oldest).toBe(1);
    fill(log, 16);
    expect(log.oldest).toBe(1);
    fill(log, 1);
    expect(log.oldest).toBe(1 + SLOTS_PER_SECTOR);
    expect(log.head).toBe(65);
  });

  it('has room in a slot for the longest record of a device', () => {
    expect(MAX_RECORD_BYTES).toBeGreaterThanOrEqual(349);
    const log = newLog(new NorFlash(STATE_SECTORS + RECORD_SECTORS));
    expect(log.append(() => new Uint8Array(349), false)).toBe(1);
    expect(log.record(1)).toHaveLength(349);
  });

  it('keeps what it read at the start when the page that it was read from is erased', () => {
    const flash = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
    fill(newLog(flash), 30);
    const log = newLog(flash);
    for (let seq = 1; seq <= 30; seq++) log.sealUpto(seq);
    expect(newLog(flash)).toMatchObject({ epoch: 1, sealed: 30, logId: log.logId });
  });

  it('goes round and round as long as it is acknowledged', () => {
    const flash = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
    let log = newLog(flash);
    for (let round = 1; round <= 50; round++) {
      fill(log, 13);
      log.sealUpto(log.head);
      log.ackUpto(log.head - 2);
      if (round % 7 === 0) log = newLog(flash);
      expect(isConsistent(log)).toBe(true);
    }
    expect(log.head).toBe(650);
    expect(log.epoch).toBe(1);
  });
});

describe('a new epoch', () => {
  it('begins when a sealed record is gone, and names the log it continues', () => {
    const flash = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
    const before = newLog(flash);
    fill(before, 5);
    before.sealUpto(5);
    before.ackUpto(2);
    const { logId } = before;
    const sealedHash = before.hash(5);
    damage(flash, 4);

    const after = newLog(flash);
    expect(after.epoch).toBe(2);
    expect(after.previous).toEqual({ logId, seq: 5, head: sealedHash });
    expect(after.lossToReport).toBe(3);
    expect(toHex(after.logId)).not.toBe(toHex(logId));
    fill(after, 1);
    expect(newLog(flash)).toMatchObject({ epoch: 2, head: 1, lossToReport: undefined });
  });

  it('begins when an unacknowledged record in the middle is gone', () => {
    const flash = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
    fill(newLog(flash), 5);
    damage(flash, 2);
    expect(newLog(flash)).toMatchObject({ epoch: 2, lossToReport: 1 });
  });

  it('does not begin for a record that was neither sealed nor followed by another', () => {
    const flash = new NorFlash(STATE_SECTORS + RECORD_SECTORS);
    fill(newLog(flash), 5);
    damage(flash, 4);
    expect(newLog(flash)).toMatchObject({ epoch: 1, head: 4 });
  });

  it('says in its first record from where on records were lost', () => {
    const bench = new Bench();
    bench.reader.tap(PUNCH);
    bench.acknowledge(1);
    bench.seal(2);
    damage(bench.device.flash, 1);
    bench.reader.reboot();
    expect(bench.deviceEvents(1)).toEqual(['logOpened', 'boot']);
    expect(bench.events).toContainEqual({ event: 'epoch', epoch: 2, lostFrom: 2 });
    expect(bench.seal(2)).toMatchObject({ first: 1, last: 2 });
  });
});

describe('a reader with a full flash', () => {
  it('turns taps away with a signal of its own until an ack makes room', () => {
    const bench = new Bench({ slots: 48 });
    const taps = Array.from({ length: 40 }, () => bench.reader.tap(PUNCH));
    expect(taps.filter((result) => 'logged' in result)).toHaveLength(31);
    expect(bench.deviceEvents(1)).toEqual(['boot', 'full']);
    expect(bench.reader.status(0).full).toBe(true);
    expect(bench.events.at(-1)).toEqual({ event: 'refused', reason: 'full' });

    bench.acknowledge(bench.reader.status(0).head);
    expect(bench.reader.tap(PUNCH)).toHaveProperty('logged');
    expect(bench.reader.status(0).full).toBe(false);
  });
});
