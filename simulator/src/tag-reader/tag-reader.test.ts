import { fromHex, Pn532Session, Rdm6300Decoder, toHex } from '@timeband/protocol';
import { ManualTimers } from '@timeband/protocol/testing';
import { describe, expect, it } from 'vitest';
import { SimulatedTagReader } from './tag-reader.js';

const NTAG = fromHex('04a1b2c3d4e5f6');

describe('a simulated PN532', () => {
  it('is woken, configured and read through a damaged answer, half of one and noise, and missed once it is gone', () => {
    const timers = new ManualTimers();
    const reader = new SimulatedTagReader({ kind: 'pn532', timers });
    const said: string[] = [];
    const session = new Pn532Session({
      ...{ timers, write: reader.receive },
      tag: (uid) => said.push(toHex(uid)),
      fault: ({ code }) => said.push(code),
      ready: (name) => said.push(name),
      lost: ({ code }) => said.push(`lost: ${code}`),
    });
    reader.connect((bytes) => {
      session.push(bytes);
    });
    session.start();
    timers.advance(1_000);
    expect(said.splice(0)).toEqual(['PN532 1.6']);
    for (const fault of ['damaged', 'half', 'noise'] as const) reader.misbehave(fault);
    reader.tap(NTAG, 3_000);
    timers.advance(4_000);
    expect(new Set(said)).toEqual(new Set(['tag/checksum', 'tag/silent', 'tag/answer', toHex(NTAG)]));
    expect(said.splice(0).filter((one) => one === toHex(NTAG)).length).toBeGreaterThan(10);
    reader.disconnect();
    timers.advance(10_000);
    expect([said.at(-1), timers.pending]).toEqual(['lost: tag/silent', 0]);
  });
});

describe('a simulated RDM6300', () => {
  it('says a tag again and again while it is held there', () => {
    const timers = new ManualTimers();
    const reader = new SimulatedTagReader({ kind: 'rdm6300', timers });
    const said: string[] = [];
    const decoder = new Rdm6300Decoder({
      tag: (uid) => said.push(toHex(uid)),
      fault: ({ code }) => said.push(code),
    });
    reader.connect((bytes) => {
      decoder.push(bytes);
    });
    reader.misbehave('damaged');
    reader.tap(fromHex('0a00bc614e'), 300);
    timers.advance(1_000);
    expect(said).toEqual(['tag/checksum', ...Array<string>(4).fill('0a00bc614e')]);
  });
});
